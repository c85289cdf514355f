"""Tags of Elastic Load Balancing."""

from moto.elbv2.exceptions import DuplicateTagKeysError, TooManyTagsError, ValidationError
from moto.elbv2.models import ELBv2Backend

from . import unseen
from .replacing import replaces

# Page: "Tag an Application Load Balancer".
MOST_TAGS = 50
# API_DescribeTags: "You can describe the tags for up to 20 Elastic Load Balancing resources per call".
MOST_DESCRIBED = 20


def check_tags(present, added):
    """Rejects tags according to API_AddTags and API_Tag: at most 50 tags on a resource (without those of AWS), no
    duplicate keys, no keys that begin with `aws:`, keys of 1 to 128 characters and values of at most 256."""
    keys = [tag["Key"] for tag in added]
    for key in keys:
        if keys.count(key) > 1:
            raise DuplicateTagKeysError(key)
        if key.startswith("aws:"):
            raise ValidationError(f"Tag key '{key}' is reserved: it begins with aws:")
        if not 1 <= len(key) <= 128:
            raise ValidationError(f"Tag key '{key}' must have 1 to 128 characters")
    for tag in added:
        if len(tag.get("Value", "")) > 256:
            raise ValidationError(f"The value of tag '{tag['Key']}' is longer than 256 characters")
    if len({key for key in [*present, *keys] if not key.startswith("aws:")}) > MOST_TAGS:
        raise TooManyTagsError()


@replaces(ELBv2Backend, "add_tags")
def fifty_tags(original, backend, resource_arns, tags):
    """API_AddTags: moto allows only 10 tags. If the last resource of a call does not exist, moto still tags the
    others."""
    for arn in resource_arns:
        backend._get_resource_by_arn(arn)
        check_tags(backend.tagging_service.get_tag_dict_for_resource(arn), tags)
    for arn in resource_arns:
        backend.tagging_service.tag_resource(arn, tags)


@replaces(ELBv2Backend, "describe_tags")
def tags_of_what_exists(original, backend, resource_arns):
    """API_DescribeTags: a resource that does not exist is an error (`LoadBalancerNotFound` and so on), and so are more
    than 20 resources. moto returns no tags instead. AWS returns no tags for a resource that was just created
    (`unseen`)."""
    if len(resource_arns) > MOST_DESCRIBED:
        raise ValidationError(f"You can describe the tags of up to {MOST_DESCRIBED} resources in a call")
    for arn in resource_arns:
        backend._get_resource_by_arn(arn)
    found = original(backend, resource_arns)
    return {arn: {} if unseen.is_unseen(arn) else tags for arn, tags in found.items()}
