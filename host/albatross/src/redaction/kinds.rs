//! What each text of a recording is. Every text field of the contract is in the list, so that a new one is not forgotten: a test
//! says so. Meanwhile a field that is not in the list is redacted.

use std::collections::BTreeSet;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// One of the values that AWS or Kubernetes define: it stays.
    Fixed,
    /// A region or a zone: it stays, and so do its words elsewhere.
    Place,
    /// A name that people gave.
    Name,
    /// A DNS name, or a wildcard.
    Host,
    /// An account.
    Account,
    /// An ARN, or the id of a resource.
    Id,
    /// An address, or a block of addresses.
    Address,
    /// A path or another text that requests are compared with or answered with.
    Request,
    /// Key or value of an annotation, a label, a tag or an attribute.
    Pair,
    /// Settings of a policy, which are usually JSON.
    PolicySettings,
    /// Words for people, which nobody reads: all of it is replaced.
    Prose,
}

impl Kind {
    /// What is counted.
    pub const fn words(self) -> &'static str {
        match self {
            Kind::Fixed => "fixed values",
            Kind::Place => "regions and zones",
            Kind::Name => "names",
            Kind::Host => "hosts",
            Kind::Account => "account ids",
            Kind::Id => "ARNs and ids",
            Kind::Address => "addresses",
            Kind::Request => "paths and other parts of requests",
            Kind::Pair => "keys and values of annotations, labels and tags",
            Kind::PolicySettings => "settings of policies",
            Kind::Prose => "messages",
        }
    }
}

/// What can stay although it is redacted by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Kept {
    /// Account ids
    Accounts,
    /// Names of clusters and Kubernetes objects
    Names,
    /// Hosts and hosted zones
    Hosts,
    /// ARNs and ids of AWS resources, apart from the account ids in them
    Ids,
    /// IP addresses and CIDR blocks
    Addresses,
    /// Paths of URLs
    Paths,
}

/// What stays.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    /// By kind.
    pub kinds: BTreeSet<Kept>,
    /// Words, wherever they are.
    pub words: Vec<String>,
}

impl Keep {
    pub(super) fn has(&self, kind: Kind) -> bool {
        match kind {
            Kind::Name => self.kinds.contains(&Kept::Names),
            Kind::Host => self.kinds.contains(&Kept::Hosts),
            Kind::Id => self.ids(),
            _ => false,
        }
    }

    /// Whether all texts of a kind stay, because of what they hold.
    pub(super) fn stays(&self, kind: Kind) -> bool {
        match kind {
            Kind::Account => self.accounts(),
            Kind::Address => self.addresses(),
            _ => false,
        }
    }

    pub(super) fn accounts(&self) -> bool {
        self.kinds.contains(&Kept::Accounts)
    }

    pub(super) fn ids(&self) -> bool {
        self.kinds.contains(&Kept::Ids)
    }

    pub(super) fn addresses(&self) -> bool {
        self.kinds.contains(&Kept::Addresses)
    }

    pub(super) fn paths(&self) -> bool {
        self.kinds.contains(&Kept::Paths)
    }
}

/// What a field of a record, or a case of a variant, holds. `None`: the list lacks the field.
pub(super) fn kind(field: &str) -> Option<Kind> {
    let found = FIELDS.iter().find(|(_, fields)| fields.split_whitespace().any(|known| known == field));
    found.map(|(kind, _)| *kind)
}

const FIELDS: [(Kind, &str); 11] = [
    (
        Kind::Fixed,
        "tenancy-rule.annotations inventory.ssl-policies settings.ssl-policy listener.ssl-policy create-listener.ssl-policy modify-listener.ssl-policy
         certificate.key-algorithm security-group-rule.protocol listener.alpn-policy mutual-authentication.mode
         mutual-authentication.trust-store-association-status target-group.protocol-version
         create-target-group.protocol-version health-check.port health-check.matcher target.reason
         target.administrative-override record-set.record-type component-identity.sha256 gate-condition.reason",
    ),
    (
        Kind::Place,
        "inventory.region zone.name zone.id subnet.zone target.availability-zone instance.zone
         hosted-zone-vpc.region subnet-candidate.zone",
    ),
    (
        Kind::Name,
        "metadata.namespace metadata.name metadata.uid gate-outcome.namespace gate-outcome.name ingress.ingress-class-name ingress-tls.secret-name service-backend.name
         service-port-reference.name object-reference.api-group object-reference.kind object-reference.name
         object-reference.namespace ingress-class.controller service-port.name service-port.app-protocol endpoint.node-name endpoint.zone
         endpoint-port.name endpoint-port.app-protocol object-name.namespace object-name.name security-group.name
         security-group.description security-group-rule.description load-balancer.name target-group.name
         auto-scaling-group.name instance.auto-scaling-group record-set.set-identifier settings.ingress-class-controller
         settings.retained-classes settings.watch-namespace tenancy-rule.class tenancy-rule.namespaces tenancy-rule.groups identity.cluster-id
         identity.cluster-uid identity.controller-id class-setting.name
         access-log-settings.bucket access-log-settings.prefix proxy-settings.node-filters pod-targets.namespace
         pod-targets.label-selector allowances.release allowances.name-change allowances.take-over-cluster
         desired-load-balancer.name desired-load-balancer.group desired-target-group.name
         desired-target-group.auto-scaling-groups create-load-balancer.name create-target-group.name
         auto-scaling-attachment.auto-scaling-group create-security-group.name create-security-group.description
         component-identity.name grouping-member.class grouping-member.group
         grouping-member.target-groups grouping-load-balancer.group member-group.key",
    ),
    (
        Kind::Host,
        "ingress-tls.hosts ingress-rule.host route-group.hosts ingress-address.hostname service.external-name
         certificate.names load-balancer.dns-name hosted-zone.name record-set.name record-set.values alias-target.dns-name
         settings.cluster-local-domains deny-settings.domains route53-settings.domains tenancy-rule.hosts
         desired-load-balancer.dns-name
         desired-certificate.hosts outcome.hostname host-certificate.host status-change.publish grouping-member.hosts grouping-member.unit
         certificate-input.hosts",
    ),
    (Kind::Account, "inventory.account"),
    (
        Kind::Id,
        "node.provider-id incomplete-part.resource vpc.id subnet.id subnet.vpc-id subnet.outpost-arn route-table.id
         route-table.vpc-id route-table.subnets route.target security-group.id security-group.vpc-id security-group-rule.id
         security-group-peer.security-group security-group-peer.prefix-list certificate.arn load-balancer.arn
         load-balancer.canonical-hosted-zone-id load-balancer.vpc-id load-balancer.subnets load-balancer.security-groups
         load-balancer.ipv4-ipam-pool-id load-balancer.customer-owned-ipv4-pool load-balancer.web-acl
         load-balancer.shield-protection subnet-mapping.subnet-id subnet-mapping.outpost-id
         load-balancer-address.allocation-id listener.arn listener.default-certificate listener.certificates
         mutual-authentication.trust-store-arn rule.arn resource-reference.existing resource-reference.created-by
         authenticate-cognito-action.user-pool-arn target-group.arn target-group.vpc-id target-group.load-balancer-arns
         target.id target.quic-server-id auto-scaling-group.instances auto-scaling-group.target-groups instance.id
         instance.subnet-id instance.vpc-id instance.security-groups hosted-zone.id hosted-zone-vpc.vpc-id
         alias-target.hosted-zone-id settings.subnets settings.security-groups settings.excluded-certificates settings.web-acl
         network-settings.security-groups route53-settings.zones route53-settings.role tenancy-rule.certificates allowances.unneeded
         allowances.targets allowances.adopt allowances.forget desired-load-balancer.id desired-load-balancer.arn
         desired-load-balancer.subnets desired-load-balancer.security-groups desired-certificate.arn
         desired-target-group.arn desired-target-group.targets action.id action.depends-on action.load-balancer
         create-load-balancer.subnets web-acl-association.web-acl set-subnets.subnets create-target-group.vpc-id
         create-listener.default-certificate modify-listener.default-certificate listener-certificate.certificate target-id.id
         create-security-group.vpc-id change-record-sets.hosted-zone outcome.load-balancer host-certificate.certificate
         withheld.subject withheld.ids action-result.action grouping-member.certificates grouping-load-balancer.id
         subnet-candidate.id",
    ),
    (
        Kind::Address,
        "ingress-address.ip service.cluster-ip endpoint.addresses pod.addresses vpc.cidr-blocks vpc.ipv6-cidr-blocks
         subnet.cidr-block subnet.ipv6-cidr-blocks route.destination security-group-peer.ipv4 security-group-peer.ipv6
         subnet-mapping.source-nat-ipv6-prefixes load-balancer-address.ip-address load-balancer-address.private-ipv4-address
         load-balancer-address.ipv6-address instance.private-ip rule-condition.source-ip",
    ),
    (
        Kind::Request,
        "ingress-path.path rewrite.regular-expression rewrite.replacement rule-condition.http-request-method
         rule-transform.other rule-condition.other listener-action.other text-match.values text-match.regular-expressions
         header-match.name query-match.key query-match.value redirect-action.protocol redirect-action.host
         redirect-action.port redirect-action.path redirect-action.query fixed-response-action.content-type
         fixed-response-action.message-body authenticate-oidc-action.issuer authenticate-oidc-action.authorization-endpoint
         authenticate-oidc-action.token-endpoint authenticate-oidc-action.user-info-endpoint
         authenticate-oidc-action.client-id authenticate-oidc-action.scope authenticate-oidc-action.session-cookie-name
         authenticate-oidc-action.on-unauthenticated-request authenticate-cognito-action.user-pool-client-id
         authenticate-cognito-action.user-pool-domain authenticate-cognito-action.scope
         authenticate-cognito-action.session-cookie-name authenticate-cognito-action.on-unauthenticated-request
         jwt-validation-action.jwks-endpoint jwt-validation-action.issuer jwt-claim.name jwt-claim.format jwt-claim.values
         health-check.path proxy-settings.health-check-path deny-settings.response deny-settings.content-type",
    ),
    (Kind::Pair, "tag.key tag.value remove-tags.keys"),
    (Kind::PolicySettings, "policy-setting.settings grouping-input.settings subnet-input.settings certificate-input.settings"),
    (
        Kind::Prose,
        "incomplete-part.reason load-balancer.state-reason action-result.error policy-answer.refused
         desired-load-balancer.group-reason action.reason diagnostic.subject diagnostic.field diagnostic.message
         diagnostic.remedy withheld.message member-group.reason member-rejection.reason subnet-answer.reason
         certificate-choice.reason gate-condition.message gate-outcome.message",
    ),
];
