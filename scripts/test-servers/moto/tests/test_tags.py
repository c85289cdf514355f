from .aws import AwsTest, forward


def numbered(numbers):
    return [{"Key": f"key-{number}", "Value": "value"} for number in numbers]


class Tags(AwsTest):
    def test_a_resource_has_at_most_fifty(self):
        arn = self.load_balancer(Tags=numbered(range(50)))["LoadBalancerArn"]
        add = self.elbv2.add_tags
        add(ResourceArns=[arn], Tags=numbered(range(5)))
        self.assert_refused("TooManyTags", add, ResourceArns=[arn], Tags=numbered([50]))
        self.elbv2.remove_tags(ResourceArns=[arn], TagKeys=["key-0"])
        add(ResourceArns=[arn], Tags=numbered([50]))
        tags = self.elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
        self.assertEqual(len(tags), 50)

    def test_malformed_tags_are_refused_in_every_call(self):
        wrong = {
            "TooManyTags": numbered(range(51)),
            "DuplicateTagKeys": numbered([1, 1]),
            "ValidationError": [{"Key": "aws:mine", "Value": ""}],
        }
        balancer = self.load_balancer()["LoadBalancerArn"]
        for code, tags in wrong.items():
            self.assert_refused(code, self.load_balancer, name="two", Tags=tags)
            self.assert_refused(code, self.target_group, Tags=tags)
            self.assert_refused(code, self.listener, load_balancer=balancer, Tags=tags)
            self.assert_refused(code, self.elbv2.add_tags, ResourceArns=[balancer], Tags=tags)

    def test_describing_tags_of_a_missing_resource_is_an_error(self):
        balancer, group = self.load_balancer()["LoadBalancerArn"], self.target_group()
        describe = self.elbv2.describe_tags
        self.assert_refused("LoadBalancerNotFound", describe, ResourceArns=[balancer, balancer[:-1] + "x"])
        self.assert_refused("TargetGroupNotFound", describe, ResourceArns=[group[:-1] + "x"])
        self.assert_refused("ValidationError", describe, ResourceArns=[balancer] * 21)

    def test_nothing_is_tagged_if_one_of_several_resources_does_not_exist(self):
        balancer = self.load_balancer()["LoadBalancerArn"]
        self.assert_refused(
            "LoadBalancerNotFound",
            self.elbv2.add_tags,
            ResourceArns=[balancer, balancer[:-1] + "x"],
            Tags=numbered([1]),
        )
        self.assertEqual(self.elbv2.describe_tags(ResourceArns=[balancer])["TagDescriptions"][0]["Tags"], [])

    def test_describing_tags_of_a_deleted_resource_is_an_error(self):
        group = self.target_group(Tags=numbered([1]))
        balancer = self.load_balancer(Tags=numbered([1]))["LoadBalancerArn"]
        listener = self.listener(balancer, DefaultActions=[forward(group)], Tags=numbered([1]))["ListenerArn"]
        self.elbv2.delete_load_balancer(LoadBalancerArn=balancer)
        self.elbv2.delete_target_group(TargetGroupArn=group)
        for arn, code in (
            (balancer, "LoadBalancerNotFound"),
            (listener, "LoadBalancerNotFound"),
            (group, "TargetGroupNotFound"),
        ):
            self.assert_refused(code, self.elbv2.describe_tags, ResourceArns=[arn])
