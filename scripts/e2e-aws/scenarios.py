"""The scenarios. Each one changes the manifests, compares what the program says before with what it does, and looks at AWS."""

import time

import asking
import leftovers
import manifests
import observed
from aws import AwsError
from controller import Controller, ControllerError
from talking import say

# A load balancer that nobody needs is deleted five minutes after it was marked, and its security groups some minutes later: AWS keeps
# its network interfaces for so long.
REMOVAL_LIMIT = 15 * 60
PAUSE = 15


class Failed(Exception):
    """Something is not as it should be."""


def run(aws, world, stopping, budget, options):
    """All scenarios, in an order in which none waits for what another one could do meanwhile."""
    Scenarios(aws, world, stopping, budget, options).run()


class Scenarios:
    def __init__(self, aws, world, stopping, budget, options):
        self.aws, self.world, self.stopping, self.budget = aws, world, stopping, budget
        self.run_id = options.run_id

    def run(self):
        say("")
        self.world.make()
        self.controller = Controller(self.world, self.stopping, self.count)
        proxied, world = manifests.proxied, self.world
        shop = world.make_certificate("shop")
        first = self.proxy_first([proxied(world, "shop")], shop)
        blog = world.make_certificate("blog")
        self.proxy_shared([proxied(world, "shop"), proxied(world, "blog")], first, sorted([shop, blog]))
        self.proxy_certificate_goes([proxied(world, "shop")], first, shop)
        objects = [proxied(world, "shop"), *manifests.services(world)]
        world.make_certificate("routes")
        routes = self.route_first(objects + manifests.routes(world), first)
        self.route_changed(objects + manifests.changed_routes(world), first, routes)
        self.all_removed()

    # Proxy mode

    def proxy_first(self, objects, certificate):
        self.title("proxy mode: an Ingress gets a load balancer with its certificate, and HTTP redirects to HTTPS")
        _, found = self.converge(objects)
        self.expect("one load balancer", len(found) == 1, found.keys())
        (name, it), = found.items()
        self.expect("its certificate is that of the host", it["certificates"] == [certificate], it["certificates"])
        self.expect("its target is the node", it["target-types"] == ["instance"] and it["target-groups"][0][3], it)
        host = self.world.host("shop")
        self.ask(it, f"http://{host}/a?b=c", 301, location=f"https://{host}/a?b=c")
        self.ask(it, f"https://{host}/", 200, body="port 9999", certificate="shop")
        self.ask(it, f"https://{host}/", 401, body="Unauthorized", certificate="shop", host="web.shop.svc.cluster.local")
        return name

    def proxy_shared(self, objects, name, certificates):
        self.title("proxy mode: a second Ingress shares the load balancer, which gets one more certificate")
        _, found = self.converge(objects)
        self.expect("still the same load balancer", list(found) == [name], found.keys())
        self.expect("it has both certificates", found[name]["certificates"] == certificates, found[name]["certificates"])
        for of in ["blog", "shop"]:
            self.ask(found[name], f"https://{self.world.host(of)}/", 200, body="port 9999", certificate=of)

    def proxy_certificate_goes(self, objects, name, certificate):
        self.title("proxy mode: an Ingress is removed with --prune, and its certificate goes")
        found = self.converge_until(objects, lambda found: list(found) == [name] and found[name]["certificates"] == [certificate])
        self.ask(found[name], f"https://{self.world.host('shop')}/", 200, body="port 9999", certificate="shop")

    # Route mode

    def route_first(self, objects, proxy):
        self.title("route mode: two Ingresses of a group, with a fixed response, instance targets and IP targets")
        _, found = self.converge(objects)
        self.expect("one more load balancer", len(found) == 2 and proxy in found, found.keys())
        name = next(it for it in found if it != proxy)
        it = found[name]
        self.expect("targets of both types", it["target-types"] == ["instance", "ip"], it["target-types"])
        self.expect("three rules on port 443", (443, "https", 3) in it["listeners"], it["listeners"])
        self.ask_routes(it, {"/hello": "hello", "/": "port 30080", "/cart": "port 30081", "/cart/1": "port 30081",
                             "/basket": "port 30080"})
        host = self.world.host("routes")
        self.ask(it, f"http://{host}/cart", 301, location=f"https://{host}/cart")
        return name

    def route_changed(self, objects, proxy, name):
        self.title("route mode: a path is added, and nothing but its rule changes")
        plan, found = self.converge(objects)
        touched = {action["load-balancer"] for action in plan["actions"]}
        expected = {it["id"] for it in plan["load-balancers"] if it["name"] == name}
        self.expect("only that load balancer is touched", touched == expected, touched)
        self.expect("both load balancers are there", sorted(found) == sorted([proxy, name]), found.keys())
        self.ask_routes(found[name], {"/basket": "port 30081", "/cart": "port 30081", "/": "port 30080"})

    def ask_routes(self, it, expected):
        for path, body in expected.items():
            self.ask(it, f"https://{self.world.host('routes')}{path}", 200, body=body, certificate="routes")

    # The end

    def all_removed(self):
        self.title("both modes: all Ingresses are removed with --prune, and everything that Albatross has created goes")
        say("  takes 5 min: a load balancer stays for that long after nobody needs it")
        self.converge_until([], lambda found: not found and not self.left_by_albatross())
        self.expect("no load balancer, target group or security group of Albatross is left", True, "")

    def left_by_albatross(self):
        found = leftovers.find(self.aws, self.run_id)
        groups = [group["GroupName"] for group in found.details("security group")]
        return found.ids("target group") + [name for name in groups if name.startswith("albatross-")]

    # Steps

    def title(self, text):
        say(f"\n{text}")

    def expect(self, what, holds, found):
        if not holds:
            raise Failed(f"{what}: found {found if isinstance(found, (dict, str)) else list(found)}")
        say(f"  ok  {what}")

    def count(self):
        """The load balancers of this run, which count in the budget."""
        arns = leftovers.load_balancers_of(self.aws, self.run_id)
        self.budget.count(arns)
        return arns

    def converge(self, objects):
        """Applies objects. What is done must be what was planned, AWS must then be as planned, and nothing be left to do."""
        self.controller.apply(objects)
        begin = time.monotonic()
        plan, done = self.plan_and_run()
        unplanned = sorted(set(done.first) - {action["id"] for action in plan["actions"]})
        self.expect(f"{len(done.first)} actions done as planned ({time.monotonic() - begin:.0f} s)", not unplanned, unplanned)
        found = observed.load_balancers(self.aws, self.count())
        told = observed.differences(plan, found)
        self.expect("AWS is as the plan said", not told, "; ".join(told))
        again, nothing = self.plan_and_run()
        self.expect("a second run does nothing", not again["actions"] and not nothing.first,
                    [action["id"] for action in again["actions"]] + nothing.first)
        return plan, found

    def converge_until(self, objects, holds):
        """Applies objects, and goes on until what needs time has happened."""
        self.controller.apply(objects)
        begin, number, problem = time.monotonic(), 0, None
        while True:
            try:
                _, done = self.plan_and_run()
                number += len(done.first) + len(done.later)
            except Failed as error:
                # AWS may refuse to delete what was in use a moment ago: the next run tries again.
                if str(error) != problem:
                    say(f"  ..  not yet: {error}")
                problem = str(error)
            found = self.look_while_deleting()
            if found is not None and holds(found):
                self.expect(f"done with {number} actions ({time.monotonic() - begin:.0f} s)", True, "")
                return found
            if time.monotonic() - begin > REMOVAL_LIMIT:
                raise Failed(f"not done after {REMOVAL_LIMIT // 60} min: {problem or f'found {found}'}")
            self.stopping.sleep(PAUSE if self.aws.is_real() else 2)

    def look_while_deleting(self):
        """What AWS has, or nothing in the moment in which it lists a load balancer that is already deleted."""
        try:
            return observed.load_balancers(self.aws, self.count())
        except AwsError as error:
            if error.says("LoadBalancerNotFound", "ListenerNotFound", "TargetGroupNotFound"):
                return None
            raise

    def plan_and_run(self):
        """What the program says and what it does. It does everything that it says."""
        try:
            plan = self.controller.plan()
            self.budget.expect(sum(it["fate"] == "create" for it in plan["load-balancers"]))
            done = self.controller.run()
        except ControllerError as error:
            raise Failed(str(error)) from error
        missing = sorted({action["id"] for action in plan["actions"]} - set(done.first))
        if missing:
            raise Failed(f"planned and not done: {missing}")
        return plan, done

    def ask(self, it, url, status, certificate=None, **expected):
        """Asks the load balancer. Only those of AWS answer."""
        told = f"{url} with Host {expected['host']}" if "host" in expected else url
        if not self.aws.is_real():
            say(f"  --  not asked, since this is not AWS: {told}")
            return
        path = self.world.path(f"{certificate}.pem") if certificate else None
        answer = asking.until(self.stopping, it["dns-name"], url, status, certificate=path, **expected)
        if isinstance(answer, str):
            raise Failed(f"{told} was to be answered with {status} {expected}: {answer}")
        say(f"  ok  {told} → {answer}")
