//! Tags of machines. They are kept and shown, and mean nothing here.

use super::machines::{check_tags, read_tags};
use super::protocol::{Fault, Fields, List, Members};
use super::shared::Shared;

pub(super) fn tag(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("resourceArn", 1, 256)?;
    let tags = read_tags(&mut fields)?;
    if !fields.has("tags") {
        fields.break_null("tags");
    }
    fields.check()?;
    let tagged = shared.store.changes().machine(&arn, |machine, _| {
        let mut all = machine.tags.clone();
        all.extend(tags);
        check_tags(all.len())?;
        machine.tags = all;
        Ok(())
    });
    tagged.map_err(|fault| not_found(fault, &arn))?;
    Ok(Members::new().finish())
}

pub(super) fn untag(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("resourceArn", 1, 256)?;
    let keys = fields.texts("tagKeys")?;
    fields.check()?;
    let untagged = shared.store.changes().machine(&arn, |machine, _| {
        machine.tags.retain(|key, _| !keys.contains(key));
        Ok(())
    });
    untagged.map_err(|fault| not_found(fault, &arn))?;
    Ok(Members::new().finish())
}

pub(super) fn list(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("resourceArn", 1, 256)?;
    fields.check()?;
    let listed = shared.store.with(&arn, |machine, _| {
        let mut tags = List::new();
        for (key, value) in &machine.tags {
            let mut tag = Members::new();
            tag.text("key", key);
            tag.text("value", value);
            tags.object(tag);
        }
        Ok(tags)
    });
    let mut answer = Members::new();
    answer.list("tags", listed.map_err(|fault| not_found(fault, &arn))?);
    Ok(answer.finish())
}

fn not_found(fault: Fault, arn: &str) -> Fault {
    match fault.name {
        "StateMachineDoesNotExist" => {
            Fault::new("ResourceNotFound", format!("Resource not found: '{arn}'"))
        }
        _ => fault,
    }
}
