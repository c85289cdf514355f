"""Answers when moto itself fails."""

import sys
import traceback
import warnings

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from .replacing import replaces

# moto warns about error codes that botocore's model of the service does not contain. AWS has such codes as well.
warnings.filterwarnings("ignore", message=".* does not match an error shape")


class MotoFailed(ServiceException):
    """A defect of moto or of a patch, or a feature that moto does not support."""

    code = "MotoFailed"


@replaces(BaseResponse, "_dispatch")
def failures_are_errors_of_the_protocol(original, response, request, full_url=None, headers=None):
    """moto answers an unknown filter, action or parameter with status 500 and an HTML page. SDKs retry the call and
    then report an unreadable answer. Status 400 with a distinct code and the reason fails the test at once and says
    why. The traceback of a defect goes to standard error."""
    try:
        return original(response, request, full_url, headers)
    except Exception as error:
        if not isinstance(error, NotImplementedError):
            traceback.print_exc(file=sys.stderr)
        return response.serialized(ActionResult(MotoFailed(f"{type(error).__name__}: {error}")))
