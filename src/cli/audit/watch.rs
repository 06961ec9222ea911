//! How far an audit is, and how it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sqsh_prov::audit::Progress;

/// The first signal from a terminal ends the run with what is there; the second, and one that asks to
/// terminate, ends it at once.
pub(super) fn stop_on_signals() -> anyhow::Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let stop = Arc::new(AtomicBool::new(false));
    let at_once = Arc::new(AtomicBool::new(true));
    signal_hook::flag::register_conditional_shutdown(SIGTERM, 130, at_once)?;
    for signal in [SIGINT, SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// Shows on a terminal how far the work is.
pub(super) fn watched<T>(progress: &Progress, shown: bool, work: impl FnOnce() -> T) -> T {
    const TEMPLATE: &str = "{spinner} {pos} of {len} files, {per_sec}, {eta} left";
    if !shown {
        return work();
    }
    let style = ProgressStyle::with_template(TEMPLATE);
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = style {
        bar.set_style(style);
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Without a thread for it, nothing is shown.
        let _ = std::thread::Builder::new().spawn_scoped(scope, || {
            while !over.load(Ordering::Relaxed) {
                bar.set_length(progress.found.load(Ordering::Relaxed));
                bar.set_position(progress.read.load(Ordering::Relaxed));
                std::thread::sleep(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        let answer = work();
        over.store(true, Ordering::Relaxed);
        answer
    })
}
