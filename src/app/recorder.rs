//! The process-wide recorder of metrics, in Prometheus' form.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::metrics::{EXECUTION_TIME_BUCKETS_SECONDS, Metric, describe_all};

/// Installs the recorder. To be called before anything that is measured is built, once in a process.
///
/// # Errors
/// If a recorder is installed already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let time = Matcher::Full(Metric::ExecutionTime.name().to_owned());
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(time, EXECUTION_TIME_BUCKETS_SECONDS)?
        .install_recorder()?;
    describe_all();
    Ok(handle)
}
