from .aws import AwsTest


class SecurityGroups(AwsTest):
    def security_group(self, name):
        return self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]

    def assert_used(self, group):
        self.assert_refused("DependencyViolation", self.ec2.delete_security_group, GroupId=group)

    def test_a_security_group_of_a_load_balancer_cannot_be_deleted(self):
        group = self.security_group("one")
        balancer = self.load_balancer(SecurityGroups=[group])["LoadBalancerArn"]
        self.assert_used(group)
        self.elbv2.delete_load_balancer(LoadBalancerArn=balancer)
        self.ec2.delete_security_group(GroupId=group)

    def test_a_security_group_that_a_rule_of_another_names_cannot_be_deleted(self):
        group, other = self.security_group("one"), self.security_group("two")
        permission = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": group}]}]
        self.ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=permission)
        self.assert_used(group)
        self.ec2.revoke_security_group_ingress(GroupId=other, IpPermissions=permission)
        self.ec2.delete_security_group(GroupId=group)

    def test_a_security_group_of_an_instance_cannot_be_deleted(self):
        group = self.security_group("one")
        answer = self.ec2.run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=self.subnets[0], SecurityGroupIds=[group]
        )
        self.assert_used(group)
        self.ec2.terminate_instances(InstanceIds=[answer["Instances"][0]["InstanceId"]])
        self.ec2.delete_security_group(GroupId=group)

    def test_a_rule_whose_source_is_a_security_group_is_revoked_without_its_description(self):
        group, other = self.security_group("one"), self.security_group("two")

        def permission(**description):
            pair = {"GroupId": group, **description}
            return [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [pair]}]

        described = permission(Description="albatross")
        self.ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=described)
        self.assert_refused(
            "InvalidPermission.Duplicate",
            self.ec2.authorize_security_group_ingress,
            GroupId=other,
            IpPermissions=permission(),
        )
        self.ec2.revoke_security_group_ingress(GroupId=other, IpPermissions=permission())
        self.ec2.delete_security_group(GroupId=group)
