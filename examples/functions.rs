//! A program that runs workflows with functions of its own: one that ends soon, and one that waits.
//!
//! `cargo run --example functions`

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use stepstream::connectors::Functions;
use stepstream::engine::{Definition, Engine, EngineOptions, Registry, SystemClock};
use stepstream::machine::TaskError;
use stepstream::value::Value;

/// On AWS the same definition would invoke two Lambda functions.
const DEFINITION: &str = r#"{
  "StartAt": "Look up",
  "States": {
    "Look up": {
      "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:look-up",
      "InputPath": "$.sensor", "ResultPath": "$.limit", "Next": "Score"
    },
    "Score": {
      "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:score",
      "ResultPath": "$.score", "End": true,
      "Catch": [{"ErrorEquals": ["TooHot"], "ResultPath": "$.error", "Next": "Alarm"}]
    },
    "Alarm": {"Type": "Pass", "Result": "alarm", "ResultPath": "$.level", "End": true}
  }
}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let handle = runtime.handle().clone();
    // A runtime of one thread polls only while somebody drives it.
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let driver = std::thread::spawn(move || runtime.block_on(stopped));

    let mut functions = Functions::new();
    functions.register("score", score);
    functions.register_async("look-up", move |work| drop(handle.spawn(work)), look_up);

    let registry = Registry::new(Arc::new(functions));
    let revision = registry.put(Definition::new("scores", DEFINITION))?;
    let engine = Engine::start(&EngineOptions::default(), Arc::new(SystemClock::new()))?;
    for (name, input) in [
        ("cool", r#"{"sensor": "kitchen", "temperature": 20}"#),
        ("hot", r#"{"sensor": "kitchen", "temperature": 80}"#),
    ] {
        let finished = engine.run(&revision, name, Value::parse(input.as_bytes())?)?;
        let output = finished.outcome.output.map(|output| output.to_json());
        writeln!(std::io::stdout(), "{name}: {}", output.unwrap_or_default())?;
    }
    let stopped = engine.shutdown(Duration::from_secs(1));
    assert_eq!(stopped.stuck_workers, 0, "nothing was under way");
    drop(stop);
    drop(driver.join());
    Ok(())
}

/// How near the temperature is to the limit, in per cent.
fn score(reading: Value) -> Result<Value, TaskError> {
    let member = |name| reading.get(name).and_then(Value::as_number);
    let number = |name| member(name).and_then(|number| number.as_i64()).unwrap_or(0);
    let (temperature, limit) = (number("temperature"), number("limit").max(1));
    if temperature > limit {
        return Err(TaskError {
            error: "TooHot".into(),
            cause: Some(format!("{temperature} is more than {limit}")),
        });
    }
    Ok(Value::from(temperature * 100 / limit))
}

/// The limit of a sensor, as a service elsewhere might know it.
async fn look_up(_sensor: Value) -> Result<Value, TaskError> {
    tokio::time::sleep(Duration::from_millis(10)).await;
    Ok(Value::from(40_i64))
}
