//! Stories of whole clusters, for operators to read: people's changes, and how the controller reacts.
//!
//! Every plan of every story must pass the guard.

// Helpers of tests are tests too, but clippy takes them for production code.
#![allow(clippy::panic, clippy::unwrap_used)]

mod accidents;
mod adoption;
mod ancestors_defects;
mod ancestors_stacks;
mod annotations;
mod bad_input;
mod budgets;
mod certificate_settings;
mod certificates;
mod classes;
mod consolidation;
mod controller_id;
mod corpus;
mod corpus_of_settings;
mod crowds;
mod deletion;
mod explanations;
mod firewall;
mod forms;
mod gaps;
mod group_split;
mod hidden_rules;
mod hosts;
mod http_only;
mod http_redirect;
mod incomplete_views;
mod internal_domains;
mod known_defects;
mod leaving;
mod limits;
mod load_balancer_settings;
mod made_again;
mod merged_rules;
mod network_load_balancers;
mod nodes;
mod one_shop;
mod one_two_three_load_balancers;
mod one_unknown;
mod ownership;
mod pods;
mod policies;
mod policies_and_neighbours;
mod policy_swaps;
mod properties;
mod protection_by_annotation;
mod protocol_changes;
mod records;
mod retained;
mod route_changes;
mod route_group_gaps;
mod route_groups;
mod route_settings;
mod routes;
mod scheme;
mod settings_changes;
mod sharing;
mod statuses;
mod subnets;
mod unasked_listeners;
mod unseen_members;
mod web_acls;
