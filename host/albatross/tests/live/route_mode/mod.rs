//! Route mode: hosts and paths lead to Services, and everything goes with the Ingress.

mod game;
mod group;
mod killed;
mod listeners;
mod manifests;
mod records;
