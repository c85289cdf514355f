//! What an object asks for: scheme, sharing, whether its load balancer is retained, and whether it is paused.

use albatross_contract::{
    ANNOTATION_ALB_SCHEME, ANNOTATION_PAUSED, ANNOTATION_RETAIN, ANNOTATION_SCHEME, ANNOTATION_SHARED,
    Scheme, Tag,
};

use super::Unreadable;
use crate::{identity::tag_value, source::Wish};

/// The annotations that this module reads.
pub const KNOWN: &[&str] = &[ANNOTATION_RETAIN, ANNOTATION_SCHEME, ANNOTATION_SHARED];

/// The scheme that annotations ask for. The annotation of the AWS Load Balancer Controller counts where ours is absent, so
/// that an Ingress that was internal before a migration is not exposed. If both are present they must agree.
pub fn scheme(annotations: &[Tag], default: Scheme) -> Result<Wish<Scheme>, Unreadable<'_>> {
    let ours = read_scheme(annotations, ANNOTATION_SCHEME)?;
    let of_other = read_scheme(annotations, ANNOTATION_ALB_SCHEME)?;
    match (ours, of_other) {
        (Some(ours), Some((of_other, value))) if ours.0 != of_other => Err(Unreadable {
            annotation: ANNOTATION_ALB_SCHEME,
            part: None,
            value: value.into(),
            expected: "the same as zalando.org/aws-load-balancer-scheme".into(),
        }),
        (Some((scheme, _)), _) | (None, Some((scheme, _))) => Ok(Wish::Own(scheme)),
        (None, None) => Ok(Wish::Default(default)),
    }
}

/// The scheme that annotations ask for in route mode.
pub fn route_scheme(annotations: &[Tag], default: Scheme) -> Result<Wish<Scheme>, Unreadable<'_>> {
    let asked = read_scheme(annotations, ANNOTATION_ALB_SCHEME)?;
    Ok(asked.map_or(Wish::Default(default), |(scheme, _)| Wish::Own(scheme)))
}

fn read_scheme<'a>(
    annotations: &'a [Tag],
    annotation: &'static str,
) -> Result<Option<(Scheme, &'a str)>, Unreadable<'a>> {
    match tag_value(annotations, annotation).map(str::trim) {
        None => Ok(None),
        Some(value @ "internal") => Ok(Some((Scheme::Internal, value))),
        Some(value @ "internet-facing") => Ok(Some((Scheme::InternetFacing, value))),
        Some(value) => Err(Unreadable {
            annotation,
            part: None,
            value: value.into(),
            expected: "internet-facing or internal".into(),
        }),
    }
}

/// Whether annotations ask for a shared load balancer.
pub fn shared(annotations: &[Tag]) -> Result<Wish<bool>, Unreadable<'_>> {
    read_choice(annotations, ANNOTATION_SHARED, true)
}

/// Whether annotations ask that the load balancer stays when nobody needs it. `default`: what the class of the object asks for.
pub fn retained(annotations: &[Tag], default: bool) -> Result<Wish<bool>, Unreadable<'_>> {
    read_choice(annotations, ANNOTATION_RETAIN, default)
}

/// Whether annotations ask that everything of the object stays as it is, in both modes.
pub fn paused(annotations: &[Tag]) -> Result<Wish<bool>, Unreadable<'_>> {
    read_choice(annotations, ANNOTATION_PAUSED, false)
}

fn read_choice<'a>(
    annotations: &'a [Tag],
    annotation: &'static str,
    default: bool,
) -> Result<Wish<bool>, Unreadable<'a>> {
    match tag_value(annotations, annotation).map(str::trim) {
        None => Ok(Wish::Default(default)),
        Some("true") => Ok(Wish::Own(true)),
        Some("false") => Ok(Wish::Own(false)),
        Some(value) => {
            Err(Unreadable { annotation, part: None, value: value.into(), expected: "true or false".into() })
        }
    }
}

#[cfg(test)]
mod tests;
