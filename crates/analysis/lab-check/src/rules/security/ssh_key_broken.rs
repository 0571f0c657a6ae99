//! Public SSH keys of users that no server would take.

use crate::context::Context;
use crate::rule::rule;

rule!("ssh-key-broken", Error, Security, "a public SSH key is cut off or has a typo");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, host) in lab.hosts.iter() {
        for (user, record) in host.users.iter() {
            for key in &record.keys {
                let Some(why) = fault(&key.text) else { continue };
                let finding = context
                    .finding(format!("the SSH key of `{user}` is broken"), key.span, why)
                    .about(lab.subject(id))
                    .because("servers leave such a line out, so this key opens nothing")
                    .help("copy the whole line of the `.pub` file");
                context.report_once(finding);
            }
        }
    }
}

/// What is wrong with a key in the form of RFC 4253, section 6.6: its type stands before it and, with its length, in it.
fn fault(text: &str) -> Option<&'static str> {
    let mut words = text.split_whitespace();
    let kind = words.next()?;
    if !(kind.starts_with("ssh-") || kind.starts_with("ecdsa-") || kind.starts_with("sk-")) {
        return None;
    }
    let Some(bytes) = words.next().and_then(decoded) else { return Some("not base64 after the type") };
    let mut rest = &bytes[..];
    let mut parts = 0;
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some((part, tail)) = tail.split_at_checked(length) else { return Some("cut off") };
        if parts == 0 && part != kind.as_bytes() {
            return Some("the type before it is not the type in it");
        }
        parts += 1;
        rest = tail;
    }
    (parts < 2 || !rest.is_empty()).then_some("cut off")
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = (0u32, 0u32);
    let mut bytes = Vec::new();
    for c in text.trim_end_matches('=').bytes() {
        let digit = u32::try_from(DIGITS.iter().position(|digit| *digit == c)?).ok()?;
        bits = ((bits.0 << 6 | digit) & 0xffff, bits.1 + 6);
        if bits.1 >= 8 {
            bits.1 -= 8;
            bytes.push(u8::try_from(bits.0 >> bits.1 & 0xff).ok()?);
        }
    }
    Some(bytes)
}
