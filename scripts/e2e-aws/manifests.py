"""The objects of the cluster, as JSON that kubectl would accept too."""

from world import CART, WEB

NAMESPACE = "e2e"
PREFIX = "alb.ingress.kubernetes.io/"
HELLO = ('{"type": "fixed-response", "fixedResponseConfig": '
         '{"contentType": "text/plain", "statusCode": "200", "messageBody": "hello"}}')


def proxied(world, name):
    """An Ingress in proxy mode for one host."""
    return ingress(name, "proxy", {}, world.host(name), [("/", "Prefix", service("web", 80))])


def routed(world, name, paths, annotations=None):
    """An Ingress of the group of route mode."""
    annotations = {
        "scheme": "internet-facing",
        "group.name": world.run_id,
        "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
        "ssl-redirect": "443",
        "inbound-cidrs": world.options.clients,
        **(annotations or {}),
    }
    annotations = {PREFIX + key: value for key, value in annotations.items()}
    return ingress(name, "route", annotations, world.host("routes"), paths)


def services(world):
    """A Service on node ports, and one with the address of the node as if that were a Pod."""
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": NAMESPACE},
         "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": WEB}]}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": NAMESPACE},
         "spec": {"ports": [{"name": "http", "port": 80, "targetPort": CART}]}},
        {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
         "metadata": {"name": "cart-1", "namespace": NAMESPACE, "labels": {"kubernetes.io/service-name": "cart"}},
         "addressType": "IPv4", "ports": [{"name": "http", "port": CART, "protocol": "TCP"}],
         "endpoints": [{"addresses": [world.node_address], "conditions": {"ready": True}}]},
    ]


def routes(world):
    """Ingresses in route mode: a fixed response and instance targets in one, IP targets in the other."""
    return [
        routed(world, "routes", [("/hello", "Exact", action("hello")), ("/", "Prefix", service("web", 80))],
               {"actions.hello": HELLO}),
        routed(world, "cart", [("/cart", "Prefix", service("cart", 80))], {"target-type": "ip"}),
    ]


def changed_routes(world):
    """The same, where the cart also answers /basket."""
    more = [("/cart", "Prefix", service("cart", 80)), ("/basket", "Prefix", service("cart", 80))]
    return [routes(world)[0], routed(world, "cart", more, {"target-type": "ip"})]


def service(name, port):
    return {"service": {"name": name, "port": {"number": port}}}


def action(name):
    return {"service": {"name": name, "port": {"name": "use-annotation"}}}


def ingress(name, class_, annotations, host, paths):
    paths = [{"path": path, "pathType": type_, "backend": backend} for path, type_, backend in paths]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": NAMESPACE,
                     "annotations": {"kubernetes.io/ingress.class": class_, **annotations}},
        "spec": {"rules": [{"host": host, "http": {"paths": paths}}]},
    }
