//! Who decides when a replica begins to lead, and when files change.

use std::sync::Arc;

use albatross_contract::PolicyPoint;
use albatross_engine::{Engine, Limits, Policy};
use tokio::sync::watch;

use super::*;
use crate::{inputs::PolicySource, pass::Makers};

fn policy(bytes: &[u8]) -> Policy {
    Policy::load(&Engine::new(Limits::default()), "policy.wasm", bytes).unwrap()
}

fn found(bytes: &[u8]) -> Found {
    Found::loaded(&[PolicySource::File("policy.wasm".into())], vec![policy(bytes)], None)
}

fn deciders(policies: &[&[u8]]) -> Deciders {
    let makers = Makers::load(None, &[], &Engine::new(Limits::default())).unwrap();
    let policies = policies.iter().map(|bytes| policy(bytes)).collect();
    Deciders::all(Arc::new(makers.with_policies(policies).unwrap()), "settings", &[]).unwrap()
}

fn swap(loaded: Deciders, files: Found) -> (Swap, watch::Sender<Found>) {
    let (sender, receiver) = watch::channel(files);
    (Swap::new(loaded, receiver, watch::channel(Found::nothing()).1, Arc::default()), sender)
}

const ONE: &[u8] = albatross_components::ONE_PER_NAMESPACE;
const OTHER: &[u8] = albatross_components::BY_TEAM;

#[tokio::test]
async fn the_first_leader_of_all_goes_by_its_files() {
    let (mut swap, _files) = swap(deciders(&[ONE]), found(ONE));
    swap.begin(None).await.unwrap();
    assert_eq!(swap.running().decided(), deciders(&[ONE]).decided());
    assert_eq!(swap.running().frozen(), []);
}

#[tokio::test]
async fn a_leader_whose_files_have_not_what_decided_last_freezes_it_and_waits_for_it() {
    let (mut swap, _files) = swap(deciders(&[ONE]), found(ONE));
    swap.begin(Some(&deciders(&[OTHER]).decided().to_string())).await.unwrap();
    assert_eq!(swap.running().frozen(), [PolicyPoint::Grouping]);
    assert!(!swap.is_due(), "its own policy does not take over before the files had time to change");
    swap.not_before = Some(Instant::now());
    assert!(swap.is_due());
}

#[tokio::test]
async fn what_decided_last_decides_again_as_soon_as_it_is_back() {
    let (mut swap, files) = swap(deciders(&[ONE]), found(ONE));
    swap.begin(Some(&deciders(&[OTHER]).decided().to_string())).await.unwrap();
    files.send_replace(found(OTHER));
    swap.turn(&Metrics::default(), async |_| true).await;
    assert!(swap.is_due(), "it need not wait");
    let snapshot = crate::swap::nothing_placed();
    let plan = swap.running().pass(snapshot.clone(), &[]).unwrap().plan;
    swap.shadow(snapshot, &plan);
    swap.judged.notified().await;
    let notices = loop {
        let notices = swap.turn(&Metrics::default(), async |_| true).await;
        if swap.running().frozen().is_empty() {
            break notices;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(notices.len(), 1);
    assert_eq!(swap.running().decided(), deciders(&[OTHER]).decided());
    assert_eq!(swap.candidate.state(&swap.running), None);
}

#[tokio::test]
async fn a_leader_whose_files_have_got_what_decided_last_while_it_followed_goes_on_with_it() {
    let (mut swap, files) = swap(deciders(&[ONE]), found(ONE));
    files.send_replace(found(OTHER));
    swap.begin(Some(&deciders(&[OTHER]).decided().to_string())).await.unwrap();
    assert_eq!(swap.running().frozen(), []);
    assert_eq!(swap.running().makers().policy_identities(), deciders(&[OTHER]).makers().policy_identities());
}

#[tokio::test]
async fn a_policy_does_not_take_over_before_it_is_noted_who_decides() {
    let (mut swap, files) = swap(deciders(&[ONE]), found(ONE));
    swap.begin(None).await.unwrap();
    files.send_replace(found(OTHER));
    swap.turn(&Metrics::default(), async |_| true).await;
    let snapshot = crate::swap::nothing_placed();
    let plan = swap.running().pass(snapshot.clone(), &[]).unwrap().plan;
    swap.shadow(snapshot, &plan);
    swap.judged.notified().await;
    let asked = std::cell::Cell::new(false);
    while !asked.get() {
        let note = async |_| {
            asked.set(true);
            false
        };
        assert!(swap.turn(&Metrics::default(), note).await.is_empty());
        tokio::task::yield_now().await;
    }
    assert_eq!(swap.running().decided(), deciders(&[ONE]).decided());
}

#[tokio::test]
async fn policies_that_cannot_be_loaded_end_the_first_leader_and_freeze_what_decided_before_for_others() {
    let broken = || Found::unfit("policy.wasm is not WebAssembly".to_owned());
    let (mut first, _files) = swap(deciders(&[]), broken());
    let error = first.begin(None).await.unwrap_err().to_string();
    assert!(error.contains("policy.wasm is not WebAssembly"), "{error}");
    let (mut next, _files) = swap(deciders(&[]), broken());
    next.begin(Some(&deciders(&[ONE]).decided().to_string())).await.unwrap();
    assert_eq!(next.running().frozen(), [PolicyPoint::Grouping]);
}

#[tokio::test]
async fn a_note_that_cannot_be_read_freezes_every_point() {
    let (mut swap, _files) = swap(deciders(&[ONE]), found(ONE));
    swap.begin(Some("grouping=x")).await.unwrap();
    assert_eq!(swap.running().frozen().len(), 3);
}
