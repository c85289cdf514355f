//! Fixed names: tags that we set and annotations that we read.

/// Tag on every owned resource: our id of the load balancer that it belongs to.
pub const TAG_ID: &str = "albatross/id";
/// Tag on every owned resource: the uid of the cluster.
pub const TAG_CLUSTER_UID: &str = "albatross/cluster-uid";
/// Tag on a load balancer that serves a single Ingress, and on rules: `namespace/name`.
pub const TAG_INGRESS: &str = "albatross/ingress";
/// Tag on a load balancer: the key of its grouping policy, or in route mode the name of its group; on the second load
/// balancer of a group that is split, the name and `/2`.
pub const TAG_GROUP: &str = "albatross/group";
/// Tag on a load balancer in route mode: `route`. Load balancers in proxy mode do not have this tag.
pub const TAG_MODE: &str = "albatross/mode";
/// Tag on a load balancer in proxy mode: `true` if it serves HTTP only. It is set when the load balancer is created, and never
/// changes.
pub const TAG_HTTP_ONLY: &str = "albatross/http-only";
/// The tags of a load balancer that say whom it serves.
pub const TAGS_OF_TERMS: [&str; 4] = [TAG_INGRESS, TAG_GROUP, TAG_MODE, TAG_HTTP_ONLY];
/// Tag on a target group in route mode: the Service port that it serves, as `namespace/name:port`.
pub const TAG_SERVICE: &str = "albatross/service";
/// Tag on a load balancer that no member needs: since when, in seconds since 1970.
pub const TAG_UNNEEDED: &str = "albatross/unneeded";
/// Tag on a load balancer whose deletion protection we turned on: [`PROTECTED_FOR_SETTINGS`] or [`PROTECTED_FOR_INGRESS`].
pub const TAG_DELETION_PROTECTION: &str = "albatross/deletion-protection";
/// The settings asked for the deletion protection: we turn it off before we delete the load balancer.
pub const PROTECTED_FOR_SETTINGS: &str = "true";
/// An Ingress asked for the deletion protection: it keeps the load balancer, and we turn it off only if an Ingress asks.
pub const PROTECTED_FOR_INGRESS: &str = "ingress";
/// Tag on a load balancer: the id of the load balancer that it replaces.
pub const TAG_REPLACES: &str = "albatross/replaces";
/// Prefix of the tag on a load balancer for each certificate that no member needs: since when. The rest of the key is the
/// first 12 hexadecimal digits of the SHA-256 of the certificate's ARN, since ARNs of IAM can be too long for a key.
pub const TAG_UNNEEDED_CERTIFICATE: &str = "albatross/unneeded-certificate/";
/// Tag on a load balancer: `true` if it stays, and is ours no longer, when nobody needs it any more.
pub const TAG_RETAIN: &str = "albatross/retain";
/// Ownership tag, the same as that of kube-ingress-aws-controller: the controller id.
pub const TAG_APPLICATION: &str = "kubernetes:application";
/// Ownership tag of the cluster: prefix of the key; the value is `owned`.
pub const TAG_CLUSTER: &str = "kubernetes.io/cluster/";
/// Tag that CloudFormation sets on every resource of a stack: the name of the stack. Nobody can remove it.
pub const TAG_STACK: &str = "aws:cloudformation:stack-name";
/// Tag of kube-ingress-aws-controller on a load balancer that serves a single Ingress: `namespace/name`.
pub const TAG_ANCESTORS_OWNER: &str = "ingress:owner";
/// Beginnings of the keys of tags by which other controllers recognize their load balancers: the load balancer controller of
/// the cloud provider and the AWS Load Balancer Controller (kubernetes/cloud-provider-aws, `TagNameKubernetesService`;
/// AWS Load Balancer Controller, "Subnet and resource tags").
pub const TAGS_OF_OTHER_CONTROLLERS: [&str; 4] =
    ["kubernetes.io/service-name", "elbv2.k8s.aws/", "ingress.k8s.aws/", "service.k8s.aws/"];
/// Begin of the name of the TXT record that says who owns the records of a host; the host follows.
pub const OWNERSHIP_RECORD: &str = "_albatross.";
/// The same for a wildcard host, whose `*.` is left out.
pub const WILDCARD_OWNERSHIP_RECORD: &str = "_albatross-wildcard.";

/// Prefix of the annotations of Albatross that neither predecessor has.
pub const ANNOTATION_OWN_PREFIX: &str = "albatross/";
/// The readiness gate of Pods that become ready when their targets are healthy, and the type of the condition for it.
pub const READINESS_GATE: &str = "albatross/target-health";
/// Annotation: `true` if everything of an Ingress or RouteGroup stays as it is.
pub const ANNOTATION_PAUSED: &str = "albatross/paused";
/// Prefix of our annotations.
pub const ANNOTATION_PREFIX: &str = "zalando.org/aws-";
/// Annotation: ARN of the pinned certificate.
pub const ANNOTATION_CERTIFICATE: &str = "zalando.org/aws-load-balancer-ssl-cert";
/// Annotation: `internal` or `internet-facing`.
pub const ANNOTATION_SCHEME: &str = "zalando.org/aws-load-balancer-scheme";
/// Prefix of the annotations of the AWS Load Balancer Controller.
pub const ANNOTATION_ALB_PREFIX: &str = "alb.ingress.kubernetes.io/";
/// Annotation of the AWS Load Balancer Controller: the scheme, where [`ANNOTATION_SCHEME`] is absent.
pub const ANNOTATION_ALB_SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
/// Annotation of the AWS Load Balancer Controller: the group of Ingresses that share a load balancer in route mode.
pub const ANNOTATION_GROUP: &str = "alb.ingress.kubernetes.io/group.name";
/// Annotation: `true`, or `false` for a load balancer of its own.
pub const ANNOTATION_SHARED: &str = "zalando.org/aws-load-balancer-shared";
/// Annotation: `true` if the Ingress needs no certificate, and is served over HTTP only.
pub const ANNOTATION_HTTP_ONLY: &str = "zalando.org/aws-load-balancer-http-only";
/// Annotation: `true` if the load balancer stays when the Ingress goes and nobody else needs the load balancer.
pub const ANNOTATION_RETAIN: &str = "zalando.org/aws-load-balancer-retain";
/// Annotation: the class, which `spec.ingressClassName` has replaced.
pub const ANNOTATION_CLASS: &str = "kubernetes.io/ingress.class";
/// Annotation of an IngressClass: `true` makes it the default.
pub const ANNOTATION_DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";
