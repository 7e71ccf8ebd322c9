//! GetExecutionHistory: the execution is run again, from what was taken down, as far as the page needs.

use std::collections::VecDeque;

use super::find;
use crate::api::protocol::{Fault, Fields, List, Members, Page};
use crate::api::recent::Kept;
use crate::api::shared::Shared;
use crate::history::{EventType, HistoryEvent, write_history_event};

/// What one answer may hold of events' JSON, in bytes, unless one event has more: further ones come with the next page.
const PAGE_BYTES_MAX: usize = 4 << 20;

pub(in crate::api) fn history(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("executionArn", 1, 256)?;
    let has_data = !fields.has("includeExecutionData") || fields.flag("includeExecutionData")?;
    let is_reversed = fields.flag("reverseOrder")?;
    let page = Page::of(
        &format!("GetExecutionHistory {is_reversed} {arn}"),
        &mut fields,
    )?;
    fields.check()?;
    let kept = find(shared, &arn)?;
    let events = events(&kept, &page, is_reversed, has_data)?;
    let versions = [
        ("stateMachineAliasArn", kept.alias_arn()),
        ("stateMachineVersionArn", kept.version_arn()),
    ];
    let mut listed = List::new();
    let (mut bytes, mut last) = (0, None);
    for (count, event) in events.iter().enumerate() {
        if count == page.entries_max || bytes > PAGE_BYTES_MAX {
            break;
        }
        let more = versions.iter().filter_map(|(name, arn)| {
            let is_first = event.event_type == EventType::ExecutionStarted;
            Some((*name, arn.as_deref().filter(|_| is_first)?))
        });
        let mut json = Vec::with_capacity(512);
        write_history_event(event, &more.collect::<Vec<_>>(), &mut json);
        bytes += json.len();
        listed.raw(&json);
        last = Some((count, event.id));
    }
    let token = last.filter(|(count, _)| count + 1 < events.len());
    let token = token.map(|(_, id)| page.token(&id.to_string()));
    let mut answer = Members::with_capacity(bytes + 256);
    answer.list("events", listed);
    answer.optional_text("nextToken", token.as_deref());
    Ok(answer.finish())
}

/// The events of a page, and the one behind it if there is one.
fn events(
    kept: &Kept,
    page: &Page,
    is_reversed: bool,
    has_data: bool,
) -> Result<VecDeque<HistoryEvent>, Fault> {
    let seen = page.after.as_deref().and_then(|id| id.parse::<u64>().ok());
    let count_max = page.entries_max + 1;
    let mut events = VecDeque::new();
    let take = |event: HistoryEvent| {
        if is_reversed {
            if seen.is_some_and(|seen| event.id >= seen) {
                return false;
            }
            events.push_front(event);
            events.truncate(count_max);
            return true;
        }
        if seen.is_none_or(|seen| event.id > seen) {
            events.push_back(event);
        }
        events.len() < count_max
    };
    let replayed = kept
        .journal
        .replay(&kept.revision, &kept.identity, &kept.input, has_data, take);
    replayed.map_err(|cut| Fault::validation(format!("There is no history: {cut}")))?;
    Ok(events)
}
