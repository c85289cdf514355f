//! Classes: which Ingresses are ours, and in which mode.

use std::collections::BTreeMap;

use albatross_contract::{
    ANNOTATION_CLASS, ANNOTATION_DEFAULT_CLASS, Cluster, Ingress, IngressClass, Mode, Settings,
};

use super::Class;
use crate::identity::tag_value;

/// The classes of a cluster as the settings see them.
pub struct Classes<'a> {
    settings: &'a Settings,
    by_name: BTreeMap<&'a str, &'a IngressClass>,
    default: Option<&'a IngressClass>,
}

impl<'a> Classes<'a> {
    /// Looks through the IngressClasses. Of several defaults the first by name counts; the API server lets nobody
    /// use more than one.
    pub fn new(settings: &'a Settings, cluster: &'a Cluster) -> Self {
        let by_name: BTreeMap<&str, &IngressClass> =
            cluster.ingress_classes.iter().map(|class| (class.metadata.name.as_str(), class)).collect();
        let default = by_name
            .values()
            .find(|class| tag_value(&class.metadata.annotations, ANNOTATION_DEFAULT_CLASS) == Some("true"))
            .copied();
        Classes { settings, by_name, default }
    }

    /// The class of an Ingress: the field, or the annotation that came before it.
    pub fn name(ingress: &Ingress) -> Option<&str> {
        ingress
            .ingress_class_name
            .as_deref()
            .or_else(|| tag_value(&ingress.metadata.annotations, ANNOTATION_CLASS))
    }

    /// What the class of an Ingress makes of it. It is ours where its class, or the lack of one, is listed in the settings, or
    /// where its IngressClass (the default one, where it names none) names our controller.
    pub fn of(&self, ingress: &Ingress) -> Class {
        match self.mode(ingress) {
            Some(mode) => Class::Ours(mode),
            // The annotation is older than IngressClass: what it names need not be one.
            None => match ingress.ingress_class_name.as_deref() {
                Some(name) if !name.is_empty() && !self.by_name.contains_key(name) => Class::Missing,
                _ => Class::NotOurs,
            },
        }
    }

    /// Names of IngressClasses of other controllers.
    pub fn of_others(&self) -> impl Iterator<Item = &'a str> {
        let ours = &self.settings.ingress_class_controller;
        let others = self.by_name.iter().filter(move |(_, class)| class.controller != *ours);
        others.map(|(name, _)| *name)
    }

    fn mode(&self, ingress: &Ingress) -> Option<Mode> {
        // Nobody has applied it: the API server would write the default class into it (IngressClass, "Default IngressClass").
        let default = self.default.filter(|_| ingress.metadata.uid.is_none());
        let name = Self::name(ingress).or_else(|| default.map(|class| class.metadata.name.as_str()));
        let listed = |name: &str| {
            self.settings.classes.iter().find(|class| class.name == name).map(|class| class.mode)
        };
        if let Some(mode) = listed(name.unwrap_or_default()) {
            return Some(mode);
        }
        let class = match name {
            Some(name) => self.by_name.get(name).copied(),
            None => self.default,
        }?;
        (class.controller == self.settings.ingress_class_controller)
            .then(|| listed(&class.metadata.name).unwrap_or(self.settings.default_mode))
    }
}

#[cfg(test)]
mod tests;
