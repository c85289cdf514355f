//! Members that stay where they are, whatever a policy does with new ones.

use super::{Answer, Member, Place, Question};

impl Question {
    /// Asks only for the places of members that have none yet; who is on the load balancer of a group stays in that group.
    ///
    /// `stays` is asked about each member that counts and is on the load balancer of a group. It gets the member and the key, and
    /// returns the reason of the group, or `None` if the member is to be placed anew: because its label has changed, or because
    /// the key is that of an earlier policy, which the load balancer keeps in its tag. A member that is placed anew gets another
    /// DNS name. All other members that count are placed by `place`.
    ///
    /// ```
    /// # use albatross_policy::grouping::{Answer, Place, Question};
    /// # fn answer(question: &Question) -> Answer {
    /// // A new Ingress goes to the load balancer of its tier; who has a place keeps it, even if the label changes.
    /// question.keep(
    ///     |_, key| key.starts_with("tier/").then(|| "Ingresses stay where they are".to_owned()),
    ///     |member| match member.label("tier") {
    ///         Some(tier) => Place::group(format!("tier/{tier}"), "Ingresses stay where they are"),
    ///         None => Place::Default,
    ///     },
    /// )
    /// # }
    /// ```
    pub fn keep(
        &self,
        stays: impl Fn(&Member<'_>, &str) -> Option<String>,
        mut place: impl FnMut(&Member<'_>) -> Place,
    ) -> Answer {
        self.place(|member| {
            let stays = member.current_key().and_then(|key| Some(Place::group(key, stays(member, key)?)));
            stays.unwrap_or_else(|| place(member))
        })
    }
}
