//! What the listeners of a load balancer forward to: all of them to one target group, or the listener on port 80 to another one.

use super::super::forwarding::{Forward, Forwarding};
use crate::{backends::TargetGroupForm, ports};

/// A way of requests, and the form of the target group at its end.
pub struct Way<'a> {
    /// The form.
    pub form: &'a TargetGroupForm<'a>,
    /// The target groups now and in the end.
    pub forwarding: Forwarding<'a>,
}

/// The ways of all requests.
pub struct Ways<'a> {
    /// That of the HTTPS listener, and of all others without a way of their own.
    pub main: Way<'a>,
    /// That of the listener on port 80, if it has one.
    pub http: Option<Way<'a>>,
}

impl<'a> Ways<'a> {
    /// The way of the requests to a port.
    pub fn of(&self, port: u16) -> &Forwarding<'a> {
        let http = self.http.as_ref().filter(|_| port == ports::HTTP);
        &http.unwrap_or(&self.main).forwarding
    }

    /// All ways, the main one first.
    pub fn all(&self) -> impl Iterator<Item = &Way<'a>> {
        [&self.main].into_iter().chain(&self.http)
    }

    /// All target groups that listeners name in the end, each once.
    pub fn groups(&self) -> Vec<Forward<'a>> {
        let mut groups: Vec<Forward<'a>> = Vec::new();
        for forward in self.all().flat_map(|way| &way.forwarding.groups) {
            if groups.iter().all(|other| other.to != forward.to) {
                groups.push(forward.clone());
            }
        }
        groups
    }
}
