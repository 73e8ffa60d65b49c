//! What always holds of groups, checked by tests after every operation.

use super::{Group, GroupId, Groups, IDLE_GROUPS, IDLE_TAGS};
use crate::core::slots::Slots;

impl Groups {
    /// An error in words if groups, members and slots disagree. For tests.
    pub(crate) fn check_invariants(&self, slots: &Slots) -> Result<(), String> {
        let mut dead = 0_usize;
        let mut linked = 0_usize;
        for (id, group) in &self.groups {
            let id = id as u32;
            let mut members = Vec::new();
            self.add_slots(id, slots, &mut members);
            linked = linked.saturating_add(members.len());
            let values = members
                .iter()
                .filter(|slot| slots.has_value(**slot))
                .count();
            if values != group.values as usize || members.len() != group.entries.len as usize {
                return Err(format!(
                    "group {id} holds {values} values, {} counted",
                    group.values
                ));
            }
            if members
                .iter()
                .any(|slot| slots.group_of(*slot) != GroupId(id))
            {
                return Err(format!("group {id} lists a slot of another group"));
            }
            if !self.is_alive(GroupId(id)) {
                dead = dead.saturating_add(values);
                if !self.retired.contains(&id) {
                    return Err(format!("group {id} is retired and in no list for release"));
                }
            } else if members.is_empty() && !group.idle {
                return Err(format!("group {id} is empty and in no list for its end"));
            } else {
                let listed = group.labels.all(&mut |name| {
                    let mut found = false;
                    self.labels
                        .each_group(name, &mut |group| found |= group == id);
                    found
                });
                if !listed {
                    return Err(format!("group {id} is missing from the list of a name"));
                }
            }
        }
        if dead != self.dead {
            return Err(format!("{dead} dead values, {} counted", self.dead));
        }
        let tags = |group: &Group| if group.idle { group.labels.tags() } else { 0 };
        let idle_tags = self
            .groups
            .iter()
            .fold(0_usize, |sum, (_, group)| sum.saturating_add(tags(group)));
        if idle_tags != self.idle_tags || (idle_tags > IDLE_TAGS && self.idle.len > 1) {
            let counted = self.idle_tags;
            return Err(format!(
                "{idle_tags} tags of empty groups, {counted} counted"
            ));
        }
        if self.idle.len > IDLE_GROUPS {
            return Err(format!("{} empty groups are kept", self.idle.len));
        }
        if linked != slots.len() {
            return Err(format!("{linked} slots in groups, {} in use", slots.len()));
        }
        Ok(())
    }
}
