"""What moto answers when it fails itself."""

import sys
import traceback
import warnings

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from .replacing import replaces

# moto misses a code in botocore's model of a service; AWS has codes that are not in it as well.
warnings.filterwarnings("ignore", message=".* does not match an error shape")


class MotoFailed(ServiceException):
    """A defect of moto or of a patch, or something that moto does not know."""

    code = "MotoFailed"


@replaces(BaseResponse, "_dispatch")
def failures_are_errors_of_the_protocol(original, response, request, full_url=None, headers=None):
    """moto answers an unknown filter, action or parameter with status 500 and a page of HTML, which SDKs try again and
    then report as an answer that cannot be read. Status 400 with a code of its own and the reason fails a test at once,
    and says why; a defect's traceback goes to standard error."""
    try:
        return original(response, request, full_url, headers)
    except Exception as error:
        if not isinstance(error, NotImplementedError):
            traceback.print_exc(file=sys.stderr)
        return response.serialized(ActionResult(MotoFailed(f"{type(error).__name__}: {error}")))
