//! The process-wide recorder of metrics, in Prometheus' form.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::metrics::{Metric, TIME_BUCKETS_SECONDS, describe_all};

/// Installs the recorder. To be called before anything that is measured is built, once in a process.
///
/// # Errors
/// If a recorder is installed already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for metric in Metric::ALL.into_iter().filter(|metric| metric.is_time()) {
        let name = Matcher::Full(metric.name().to_owned());
        builder = builder.set_buckets_for_metric(name, TIME_BUCKETS_SECONDS)?;
    }
    let handle = builder.install_recorder()?;
    describe_all();
    Ok(handle)
}
