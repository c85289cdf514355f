//! IngressClass; v1beta1 and v1 spell it the same way.

use albatross_contract::IngressClass;

use crate::{failure::Failure, field::Field, ingress, metadata};

pub(crate) fn read(object: &Field<'_>) -> Result<IngressClass, Failure> {
    let metadata = metadata::cluster_wide(object)?;
    let spec = object.get("spec")?;
    let parameters = spec.get("parameters")?;
    Ok(IngressClass {
        metadata,
        controller: spec.get("controller")?.required_text()?.to_owned(),
        parameters: match parameters.is_present() {
            true => Some(ingress::object_reference(&parameters)?),
            false => None,
        },
    })
}
