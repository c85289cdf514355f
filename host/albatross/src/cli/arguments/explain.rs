//! The arguments of `explain`.

use albatross_contract::{ObjectName, Tag};
use clap::{Args, Subcommand};

use super::{ComponentArguments, InputArguments, OutputArguments};
use crate::request;

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Subject.
    #[command(subcommand)]
    pub subject: ExplainSubject,
}

/// Subjects of an explanation.
#[derive(Debug, Subcommand)]
pub enum ExplainSubject {
    /// Explain the load balancer, certificates and subnets of an Ingress, and why others were not chosen
    Ingress(ExplainIngressArguments),
    /// Explain which listener rule answers a request, which rules are tried before it, and where the request goes
    Request(ExplainRequestArguments),
}

/// Arguments of `explain request`.
#[derive(Debug, Args)]
pub struct ExplainRequestArguments {
    /// Method, such as GET
    #[arg(value_name = "METHOD", value_parser = request::method)]
    pub method: String,
    /// URL, such as https://shop.example.org/cart?page=2
    #[arg(value_name = "URL", value_parser = request::url)]
    pub url: request::Url,
    /// Header; repeat the flag for further headers
    #[arg(long, value_name = "NAME: VALUE", value_parser = request::header)]
    pub header: Vec<Tag>,
    /// Address of the client, for rules with a source address [default: rules with a source address do not match]
    #[arg(long, value_name = "ADDRESS")]
    pub source_address: Option<std::net::IpAddr>,
    /// Inputs.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `explain ingress`.
#[derive(Debug, Args)]
pub struct ExplainIngressArguments {
    /// The Ingress, or a RouteGroup as RouteGroup:NAMESPACE/NAME
    #[arg(value_name = "NAMESPACE/NAME", value_parser = request::object)]
    pub name: ObjectName,
    /// Inputs.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}
