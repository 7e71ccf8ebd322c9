//! `stepstream dlq show`: one dead letter with all that it has.

use std::io::Write as _;
use std::ops::ControlFlow;

use super::list::time;
use super::{Ended, Failure, Place};
use crate::kafka::dead_letters::{DeadLetter, read};

/// Show one dead letter: its headers, key and value
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Which, as `dlq list` shows it
    #[arg(value_name = "PARTITION:OFFSET", value_parser = super::letter)]
    letter: (i32, i64),
    /// Write the value's bytes and nothing else
    #[arg(long)]
    raw: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    let (settings, topic) = arguments.place.find()?;
    let mut found = None;
    let reading = read(&settings, &topic, |letter| {
        if (letter.partition, letter.offset) == arguments.letter {
            found = Some(letter);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    reading.map_err(|error| Failure::Broken(error.to_string()))?;
    let (partition, offset) = arguments.letter;
    let letter = found.ok_or_else(|| {
        Failure::refused(format!(
            "there is no record {partition}:{offset} in {topic}: `stepstream dlq list` shows what is there"
        ))
    })?;
    let mut out = std::io::stdout().lock();
    if arguments.raw {
        out.write_all(letter.value.as_deref().unwrap_or_default())?;
    } else {
        out.write_all(described(&topic, &letter).as_bytes())?;
    }
    Ok(Ended::Well)
}

fn described(topic: &str, letter: &DeadLetter) -> String {
    let mut lines = vec![
        format!("record   {topic}/{}/{}", letter.partition, letter.offset),
        format!("time     {}", time(letter)),
        format!("key      {}", shown(letter.key.as_deref())),
    ];
    for (name, value) in &letter.headers {
        lines.push(format!("header   {name} = {}", shown(value.as_deref())));
    }
    let bytes = letter.value.as_ref().map_or(0, Vec::len);
    lines.push(format!("value    {bytes} bytes"));
    format!("{}\n{}\n", lines.join("\n"), shown(letter.value.as_deref()))
}

/// Text as it is, other bytes escaped, so that none of them reaches the terminal as a command.
fn shown(bytes: Option<&[u8]>) -> String {
    let Some(bytes) = bytes else {
        return "(null)".to_owned();
    };
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(|c| c.is_control() && c != '\n') => text.to_owned(),
        _ => bytes.escape_ascii().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        for (bytes, expected) in [
            (None, "(null)"),
            (Some(&b"{\"a\":1}\n"[..]), "{\"a\":1}\n"),
            (Some(b"\x1b[31m"), "\\x1b[31m"),
            (Some(b"\xff\x00"), "\\xff\\x00"),
            (Some("ä".as_bytes()), "ä"),
        ] {
            assert_eq!(shown(bytes), expected, "{bytes:?}");
        }
    }
}
