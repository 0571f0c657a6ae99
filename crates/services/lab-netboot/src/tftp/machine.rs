//! One read transfer as a state machine: packets and time in, "send this block" out. It holds no data and no socket.
//!
//! A duplicate acknowledgement is never answered at once (the sorcerer's apprentice, RFC 1123 §4.2.3.1): only the
//! clock sends again. In a window (RFC 7440) an acknowledgement short of its end moves back to the block after it.

use super::wire::{self, Packet, ReadRequest};
use std::time::Duration;

const DEFAULT_BLOCK: u16 = 512;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);
/// More blocks in flight only overrun the buffers of boot ROMs.
const LARGEST_WINDOW: u16 = 64;
/// So often the same thing is sent without an answer.
const TRIES: u32 = 8;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes.
    Packet(Vec<u8>),
    /// Send a block: the head of [`wire::data_head`] and these bytes of the file.
    Block {
        /// Its number on the wire.
        number: u16,
        /// Where its bytes begin.
        offset: u64,
        /// How many they are.
        length: usize,
    },
}

/// Where a transfer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The options are acknowledged by us, not yet by the client.
    Negotiating,
    /// Blocks are sent.
    Sending,
    /// The last block was acknowledged.
    Done,
    /// The client said no; after the options this is how it asks for the size only.
    Aborted,
    /// The client has gone silent.
    Lost,
}

/// One transfer.
#[derive(Clone, Debug)]
pub struct Transfer {
    length: u64,
    block: u16,
    window: u16,
    timeout: Duration,
    state: State,
    oack: Vec<u8>,
    /// Blocks acknowledged, counted without the wrap of the wire.
    acked: u64,
    /// Blocks sent.
    sent: u64,
    deadline: Duration,
    tries: u32,
    /// Whether the window after `acked` was already sent again because of an acknowledgement.
    rewound: bool,
}

impl Transfer {
    /// Begins a transfer of `length` bytes; blocks are of `largest` bytes at most.
    pub fn begin(request: &ReadRequest, length: u64, largest: u16, now: Duration) -> (Transfer, Vec<Output>) {
        let mut transfer = Transfer {
            length,
            block: DEFAULT_BLOCK,
            window: 1,
            timeout: DEFAULT_TIMEOUT,
            state: State::Sending,
            oack: Vec::new(),
            acked: 0,
            sent: 0,
            deadline: now,
            tries: 0,
            rewound: false,
        };
        let accepted = transfer.accept(request, largest);
        if accepted.is_empty() {
            let out = transfer.send_window(now);
            return (transfer, out);
        }
        transfer.state = State::Negotiating;
        transfer.oack = wire::oack(&accepted);
        transfer.deadline = now + transfer.timeout;
        let out = vec![Output::Packet(transfer.oack.clone())];
        (transfer, out)
    }

    /// Takes over the options we know; those out of range are passed over, which refuses them (RFC 2347).
    fn accept(&mut self, request: &ReadRequest, largest: u16) -> Vec<(&'static str, u64)> {
        let mut accepted: Vec<(&'static str, u64)> = Vec::new();
        for (name, value) in &request.options {
            let Ok(number) = value.parse::<u64>() else { continue };
            let taken = match (name.as_str(), number) {
                ("blksize", 8..=65_464) => {
                    self.block = u16::try_from(number).expect("in range").min(largest);
                    ("blksize", u64::from(self.block))
                }
                ("timeout", 1..=255) => {
                    self.timeout = Duration::from_secs(number);
                    ("timeout", number)
                }
                ("tsize", 0) => ("tsize", self.length),
                ("windowsize", 1..=65_535) => {
                    self.window = u16::try_from(number).expect("in range").min(LARGEST_WINDOW);
                    ("windowsize", u64::from(self.window))
                }
                _ => continue,
            };
            if !accepted.iter().any(|(name, _)| *name == taken.0) {
                accepted.push(taken);
            }
        }
        accepted
    }

    /// Takes a packet of the client.
    pub fn receive(&mut self, packet: &Packet, now: Duration) -> Vec<Output> {
        match (self.state, packet) {
            (State::Negotiating | State::Sending, Packet::Error { .. }) => {
                self.state = State::Aborted;
                Vec::new()
            }
            (State::Negotiating, Packet::Ack(0)) => {
                self.state = State::Sending;
                self.send_window(now)
            }
            (State::Negotiating, Packet::Read(_)) | (State::Sending, Packet::Read(_)) if self.acked == 0 => {
                // The client did not see our first answer.
                self.again(now)
            }
            (State::Sending, Packet::Ack(number)) => self.acknowledged(*number, now),
            _ => Vec::new(),
        }
    }

    /// Sends again what has waited too long.
    pub fn tick(&mut self, now: Duration) -> Vec<Output> {
        if self.is_over() || now < self.deadline {
            return Vec::new();
        }
        self.tries += 1;
        if self.tries >= TRIES {
            self.state = State::Lost;
            return Vec::new();
        }
        self.again(now)
    }

    /// How long an answer is waited for.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// When [`Self::tick`] has something to do.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Done | State::Aborted | State::Lost)
    }

    /// Every transfer ends with a block shorter than the others, of no bytes if need be.
    fn blocks(&self) -> u64 {
        self.length / u64::from(self.block) + 1
    }

    fn acknowledged(&mut self, number: u16, now: Duration) -> Vec<Output> {
        // Numbers wrap after 65,535; the distance from what is acknowledged tells which block is meant.
        let ahead = u64::from(number.wrapping_sub(self.acked as u16));
        if ahead > self.sent - self.acked {
            return Vec::new();
        }
        if ahead == 0 {
            // With one block in flight this is a duplicate. In a window it says that its first block was lost.
            if self.window == 1 || self.rewound || self.acked == 0 {
                return Vec::new();
            }
            self.rewound = true;
            return self.again(now);
        }
        self.acked += ahead;
        self.tries = 0;
        self.rewound = false;
        if self.acked == self.blocks() {
            self.state = State::Done;
            return Vec::new();
        }
        self.sent = self.acked;
        self.send_window(now)
    }

    fn again(&mut self, now: Duration) -> Vec<Output> {
        if self.state == State::Negotiating {
            self.deadline = now + self.timeout;
            return vec![Output::Packet(self.oack.clone())];
        }
        self.sent = self.acked;
        self.send_window(now)
    }

    fn send_window(&mut self, now: Duration) -> Vec<Output> {
        self.deadline = now + self.timeout;
        let end = self.blocks().min(self.acked + u64::from(self.window));
        let out = (self.sent..end).map(|index| self.block(index)).collect();
        self.sent = end;
        out
    }

    /// The block that comes after `index` others.
    fn block(&self, index: u64) -> Output {
        let offset = index * u64::from(self.block);
        let length = (self.length - offset).min(u64::from(self.block));
        Output::Block {
            number: (index + 1) as u16,
            offset,
            length: usize::try_from(length).expect("a block's length"),
        }
    }
}
