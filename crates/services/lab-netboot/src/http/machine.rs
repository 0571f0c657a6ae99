//! One HTTP connection as a state machine: bytes in, whole requests out.
//!
//! It never answers by itself except for `100 Continue`; the caller plans and sends answers, in order.

use super::request::{self, Request, RequestError};

/// What a connection has to say after new bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// More bytes are needed.
    More,
    /// The client waits for `HTTP/1.1 100 Continue` before it sends its body.
    Continue,
    /// A whole request.
    Request(Request),
    /// The connection is to be answered so and closed.
    Bad(RequestError),
}

/// One connection.
#[derive(Clone, Debug)]
pub struct Connection {
    buffer: Vec<u8>,
    head_limit: usize,
    body_limit: usize,
    pending: Option<Request>,
}

impl Connection {
    /// A new connection; limits are bytes.
    pub fn new(head_limit: usize, body_limit: usize) -> Connection {
        Connection { buffer: Vec::new(), head_limit, body_limit, pending: None }
    }

    /// Takes bytes.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether the client is in the middle of a request.
    pub fn is_busy(&self) -> bool {
        self.pending.is_some() || !self.buffer.is_empty()
    }

    /// The next thing to do. Call until it is [`Step::More`].
    pub fn step(&mut self) -> Step {
        match self.pending.take() {
            Some(request) => self.body(request),
            None => self.head(),
        }
    }

    fn head(&mut self) -> Step {
        // RFC 9112 §2.2: empty lines in front of a request are passed over.
        let blank = self.buffer.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        self.buffer.drain(..blank);
        if self.buffer.is_empty() {
            return Step::More;
        }
        match request::parse(&self.buffer) {
            Err(error) => Step::Bad(error),
            Ok(None) if self.buffer.len() > self.head_limit => Step::Bad(RequestError::TooLarge),
            Ok(None) => Step::More,
            Ok(Some((request, length))) => {
                if length > self.head_limit || request.body_length > self.body_limit {
                    return Step::Bad(RequestError::TooLarge);
                }
                self.buffer.drain(..length);
                let waits = request.expects_continue && self.buffer.len() < request.body_length;
                if waits {
                    self.pending = Some(request);
                    return Step::Continue;
                }
                self.body(request)
            }
        }
    }

    fn body(&mut self, mut request: Request) -> Step {
        if self.buffer.len() < request.body_length {
            self.pending = Some(request);
            return Step::More;
        }
        request.body = self.buffer.drain(..request.body_length).collect();
        Step::Request(request)
    }
}
