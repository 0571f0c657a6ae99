//! What the lab is for: services with their needs, certificates and names.

use crate::grammar::words::words;
use crate::grammar::{Address, Bytes, Date, DnsName, Period, Port, Url};
use crate::lab::{HostId, ServiceId, VlanIdOf};
use crate::record;
use crate::record::{Ref, Refs, Text};
use crate::written::{Architecture, Named_, Need, Runner, Status};
use lab_source::Spanned;

words! {
    /// Who notices when a service is gone.
    pub enum Audience {
        /// Everybody in the house.
        Everyone = "everyone",
        /// The family.
        Household = "household",
        /// The owner only.
        Owner = "owner",
        /// Guests.
        Guests = "guests",
        /// People outside.
        Public = "public",
        /// The lab itself.
        Lab = "lab",
    }
}

words! {
    /// How bad it is when a service is gone.
    pub enum Criticality {
        /// The house stands still.
        Critical = "critical",
        /// Somebody is disturbed today.
        High = "high",
        /// Somebody is disturbed this week.
        Medium = "medium",
        /// Nobody notices soon.
        Low = "low",
    }
}

words! {
    /// From where a service can be reached.
    pub enum Exposure {
        /// From anywhere.
        Internet = "internet",
        /// From anywhere, through a tunnel of a provider.
        Tunnel = "tunnel",
        /// Through a private network only.
        Vpn = "vpn",
        /// From inside.
        Lan = "lan",
        /// From inside its cluster.
        Cluster = "cluster",
    }
}

words! {
    /// How people prove who they are.
    pub enum SignOn {
        /// The lab's single sign-on, by OpenID Connect.
        Oidc = "oidc",
        /// The lab's single sign-on, by SAML.
        Saml = "saml",
        /// The lab's directory.
        Ldap = "ldap",
        /// A proxy in front asks.
        ForwardAuth = "forward-auth",
        /// The service's own accounts.
        Own = "own",
        /// Nobody is asked.
        None = "none",
    }
}

words! {
    /// Traits that replicas are spread over.
    pub enum Spread {
        /// No two on one host.
        Host = "host",
        /// No two in one rack.
        Rack = "rack",
        /// Wherever there is room.
        Anywhere = "anywhere",
    }
}

words! {
    /// What keeps a workload of a cluster running, and so what becomes of it when its machine falls silent.
    pub enum Workload {
        /// Replicas that are all alike: one is started elsewhere in place of each that is lost (Kubernetes: Deployment, the default).
        Deployment = "deployment",
        /// Each replica has a name and its own volume: none is started elsewhere until a hand says that the old one is dead (Kubernetes: StatefulSet).
        StatefulSet = "stateful-set",
        /// One on every machine (Kubernetes: DaemonSet).
        DaemonSet = "daemon-set",
    }
}

record! {
    /// Something the lab is for.
    Service {
        /// Where it runs: a cluster, hosts, virtual machines, a device. Several when it has replicas in certain places.
        on: Refs<Runner>,
        /// What it does.
        description: Option<Text>,
        /// Whether it is in use. Default: active.
        status: Option<Spanned<Status>>,
        /// In a Kubernetes cluster: what keeps it running. Default: deployment.
        workload: Option<Spanned<Workload>>,
        /// How many run at once. Default: 1, or as many as places are named.
        replicas: Option<Spanned<u32>>,
        /// How many must run for it to work. Default: 1.
        quorum: Option<Spanned<u32>>,
        /// What it cannot work without: services, datasets, volumes, externals, `internet`, `dns`.
        needs: Refs<Need>,
        /// What it works worse without.
        wants: Refs<Need>,
        /// Who notices when it is gone.
        r#for: Option<Spanned<Audience>>,
        /// How bad that is. Follows from `for` when nothing is said.
        criticality: Option<Spanned<Criticality>>,
        /// Memory each replica needs.
        memory: Option<Spanned<Bytes>>,
        /// Processors each replica needs, in hundredths of one.
        cpu: Option<Text>,
        /// Instruction sets it exists for; any when nothing is said.
        architectures: Vec<Spanned<Architecture>>,
        /// Cards it needs, by card type or by a word that a card's type carries: `gpu`.
        needs_card: Option<Text>,
        /// Labels a host must have.
        needs_labels: Vec<Text>,
        /// The only hosts it may run on.
        only_on: Refs<HostId>,
        /// What its replicas are spread over. Default: host.
        spread: Option<Spanned<Spread>>,
        /// Services that must not run on the same host.
        apart_from: Refs<ServiceId>,
        /// True when more isolation than a container gives is asked for, such as Kata.
        isolated: Option<Spanned<bool>>,
        /// Where people open it.
        url: Vec<Spanned<Url>>,
        /// Ports it listens on.
        ports: Vec<Spanned<Port>>,
        /// Its own address.
        address: Vec<Spanned<Address>>,
        /// The VLAN it is meant to be in.
        vlan: Option<Ref<VlanIdOf>>,
        /// From where it can be reached. Default: lan.
        exposed: Option<Spanned<Exposure>>,
        /// How people prove who they are.
        sign_on: Option<Spanned<SignOn>>,
        /// What the service is, when that is not its name: `unbound`, `postgresql`.
        software: Option<Text>,
        /// Version.
        version: Option<Text>,
        /// What role it plays for others: `dns`, `dhcp`, `ntp`, `ingress`, `identity`, `monitoring`, `backup`, `database`.
        roles: Vec<Text>,
        /// How long it may be gone.
        tolerates: Option<Spanned<Period>>,
        /// True when it keeps nothing of its own.
        stateless: Option<Spanned<bool>>,
        /// The namespace or project it runs in.
        namespace: Option<Text>,
        /// Smaller programs that belong to it and need no entry of their own.
        parts: Vec<Text>,
        /// Where alerts about it go.
        alerts_to: Refs<Need>,
    }
}

words! {
    /// Who signs a certificate.
    pub enum Issuer {
        /// A public authority, by ACME with a DNS challenge.
        AcmeDns = "acme-dns",
        /// A public authority, by ACME over HTTP.
        AcmeHttp = "acme-http",
        /// A public authority, by hand.
        Public = "public",
        /// The lab's own authority.
        Private = "private",
        /// Itself.
        SelfSigned = "self-signed",
    }
}

record! {
    /// A certificate.
    Certificate {
        /// The names it covers.
        names (required): Vec<Spanned<DnsName>>,
        /// Who signs it.
        issuer: Option<Spanned<Issuer>>,
        /// What uses it.
        used_by: Refs<ServiceId>,
        /// What renews it; nobody when nothing is said.
        renewed_by: Option<Text>,
        /// When it ends, when nobody renews it.
        expires: Option<Spanned<Date>>,
    }
}

words! {
    /// Who sees a name.
    pub enum View {
        /// Only inside.
        Internal = "internal",
        /// Everybody.
        Public = "public",
    }
}

record! {
    /// A DNS name beside those of hosts and services. Its key is the name.
    DnsRecord {
        /// What it leads to.
        to: Refs<Named_>,
        /// The addresses it has.
        addresses: Vec<Spanned<Address>>,
        /// The name it is another name of.
        alias_of: Option<Spanned<DnsName>>,
        /// Who sees it. Default: internal.
        view: Option<Spanned<View>>,
        /// How long it may be remembered.
        ttl: Option<Spanned<Period>>,
        /// What keeps it up to date.
        managed_by: Option<Text>,
        /// The line whose present address it follows.
        follows: Option<Ref<crate::lab::CircuitId>>,
    }
}
