use crate::config::table::Table;
use crate::config::value::Entry;
use crate::user_agent::{AcceptRewrite, InvalidAcceptRules, InvalidTexts, UserAgentBlock};

/// `[user_agent_block]`: who may not come by User-Agent. `None` where there is no text.
pub(in crate::config) fn read_block(table: &Table<'_>) -> Option<UserAgentBlock> {
    let contains = table.list("contains");
    if contains.is_empty() {
        return None;
    }
    let block = UserAgentBlock::containing(&contains);
    block
        .map_err(|invalid| report_texts(table, &contains, &invalid))
        .ok()
}

/// `[[user_agent]]`: whose Accept is rewritten. `None` where there is no rule.
pub(in crate::config) fn read_rules(tables: &[Table<'_>]) -> Option<AcceptRewrite> {
    if tables.is_empty() {
        return None;
    }
    let rules: Vec<_> = tables.iter().map(read_rule).collect();
    let texts = rules.iter().map(|(contains, accept)| (contains, accept));
    let invalid = match AcceptRewrite::from_rules(texts) {
        Ok(rewrite) => return Some(rewrite),
        Err(invalid) => invalid,
    };
    if let InvalidAcceptRules::Rules(invalid) = invalid {
        for rule in invalid {
            let (Some(table), Some((contains, _))) =
                (tables.get(rule.index()), rules.get(rule.index()))
            else {
                continue;
            };
            if let Some(invalid) = rule.contains() {
                report_texts(table, contains, invalid);
            }
            if let Some(accept) = rule.accept() {
                table.error(
                    "accept",
                    format!("{accept:?} is not a list of media ranges"),
                );
            }
        }
    }
    None
}

fn read_rule<'a>(table: &Table<'a>) -> (Vec<Entry<'a>>, String) {
    let contains = table.list("contains");
    let accept = table.text("accept").map(|accept| accept.text.into_owned());
    (contains, accept.unwrap_or_default())
}

fn report_texts(table: &Table<'_>, entries: &[Entry<'_>], invalid: &InvalidTexts) {
    let InvalidTexts::Texts(texts) = invalid else {
        return table.error("contains", invalid.to_string());
    };
    for text in texts {
        let why = if text.text().is_empty() {
            "is empty, and every User-Agent contains it"
        } else {
            "has a control character, and no User-Agent contains it"
        };
        let entry = entries.get(text.index());
        let spot = entry.map_or(table.spot(), |entry| &entry.spot);
        table
            .document()
            .error(spot, format!("{:?} {why}", text.text()));
    }
}
