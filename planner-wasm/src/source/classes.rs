//! Classes: which Ingresses and RouteGroups are ours, and in which mode.

use std::collections::BTreeMap;

use albatross_contract::{
    ANNOTATION_DEFAULT_CLASS, Cluster, IngressClass, Mode, ObjectKind, ObjectReference, Settings,
    SourceObject,
};

use super::Class;
use crate::identity::tag_value;

/// The classes of a cluster, judged by the settings.
pub struct Classes<'a> {
    settings: &'a Settings,
    by_name: BTreeMap<&'a str, &'a IngressClass>,
    default: Option<&'a IngressClass>,
}

impl<'a> Classes<'a> {
    /// Indexes the IngressClasses. Of several default classes the first by name counts.
    pub fn new(settings: &'a Settings, cluster: &'a Cluster) -> Self {
        let by_name: BTreeMap<&str, &IngressClass> =
            cluster.ingress_classes.iter().map(|class| (class.metadata.name.as_str(), class)).collect();
        let default = by_name
            .values()
            .find(|class| tag_value(&class.metadata.annotations, ANNOTATION_DEFAULT_CLASS) == Some("true"))
            .copied();
        Classes { settings, by_name, default }
    }

    /// Whether an object is ours by its class. It is ours if the settings list its class (or `""` if it has none), or if its
    /// IngressClass (for an Ingress the default one, if it has none) names our controller.
    /// If the settings switch RouteGroups off, none of them is ours.
    pub fn of(&self, source: SourceObject<'_>) -> Class {
        if source.kind() == ObjectKind::RouteGroup && !self.settings.serves_route_groups() {
            return Class::SwitchedOff;
        }
        match self.mode(source) {
            Some(mode) => Class::Ours(mode),
            // The annotation is older than IngressClass: its value need not be the name of an IngressClass.
            None => match source.class_field() {
                Some(name) if !name.is_empty() && !self.by_name.contains_key(name) => Class::Missing,
                _ => Class::NotOurs,
            },
        }
    }

    /// The name of the class that decides about an object; `""`: it has none.
    pub fn name(&self, source: SourceObject<'a>) -> &'a str {
        let default = match source.kind() {
            ObjectKind::Ingress if self.listed("").is_none() => self.default,
            _ => self.default_of(source),
        };
        let default = default.map(|class| class.metadata.name.as_str());
        source.class_name().or(default).unwrap_or_default()
    }

    /// The IngressClass of an object with the parameters that it names. `None`: it names none.
    pub fn parameters(&self, source: SourceObject<'_>) -> Option<(&'a str, &'a ObjectReference)> {
        let class = self.by_name.get(source.class_name()?)?;
        Some((&class.metadata.name, class.parameters.as_ref()?))
    }

    /// The classes that the settings list although their IngressClasses name other controllers, with those controllers.
    pub fn listed_of_others(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let listed = self.settings.classes.iter().filter_map(|listed| self.by_name.get(listed.name.as_str()));
        let others = listed.filter(|class| class.controller != self.settings.ingress_class_controller);
        others.map(|class| (class.metadata.name.as_str(), class.controller.as_str()))
    }

    /// Names of IngressClasses of other controllers.
    pub fn of_others(&self) -> impl Iterator<Item = &'a str> {
        let ours = &self.settings.ingress_class_controller;
        let others = self.by_name.iter().filter(move |(_, class)| class.controller != *ours);
        others.map(|(name, _)| *name)
    }

    fn mode(&self, source: SourceObject<'_>) -> Option<Mode> {
        if matches!(source, SourceObject::RouteGroup(_)) && source.class_name().is_none() {
            return self.listed(""); // a default class is a default for Ingresses
        }
        let default = self.default_of(source).map(|class| class.metadata.name.as_str());
        self.mode_of(source.class_name().or(default))
    }

    /// The class that the API server would set for an Ingress that is not applied yet (Kubernetes documentation, "Default
    /// IngressClass").
    fn default_of(&self, source: SourceObject<'_>) -> Option<&'a IngressClass> {
        self.default.filter(|_| source.ingress().is_some() && source.metadata().uid.is_none())
    }

    /// Whether Ingresses of a class are ours; `""` stands for Ingresses without a class.
    pub fn is_ours(&self, name: &str) -> bool {
        self.mode_of(Some(name).filter(|name| !name.is_empty())).is_some()
    }

    /// Whether Ingresses of a class are ours in proxy mode; `""` stands for Ingresses without a class.
    pub fn is_in_proxy_mode(&self, name: &str) -> bool {
        self.mode_of(Some(name).filter(|name| !name.is_empty())) == Some(Mode::Proxy)
    }

    /// The mode of a class that is ours; without a name, that of Ingresses without a class.
    fn mode_of(&self, name: Option<&str>) -> Option<Mode> {
        if let Some(mode) = self.listed(name.unwrap_or_default()) {
            return Some(mode);
        }
        let class = match name {
            Some(name) => self.by_name.get(name).copied(),
            None => self.default,
        }?;
        (class.controller == self.settings.ingress_class_controller)
            .then(|| self.listed(&class.metadata.name).unwrap_or(self.settings.default_mode))
    }

    /// The mode of a class that the settings list.
    fn listed(&self, name: &str) -> Option<Mode> {
        self.settings.classes.iter().find(|class| class.name == name).map(|class| class.mode)
    }
}

#[cfg(test)]
mod tests;
