//! The manifest: a JSON file about the inputs and settings of a result.

use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::export::About;
use crate::hand::Summary;
use crate::parse::SourceInfo;
use crate::present::sink::Sink;
use crate::present::{Report, accounting_json};

/// A run's inputs, parameters, accounting and details.
pub struct Manifest<'a> {
    /// The result.
    pub report: &'a Report,
    /// The inputs.
    pub sources: &'a [SourceInfo],
    /// If a cluster answered: the path of its export, and what the export says about itself.
    pub export: Option<&'a (String, About)>,
    /// The hand-kept files that were read.
    pub hand: &'a [Summary],
    /// Cut points and other findings of the command.
    pub details: Map<String, Value>,
}

impl Manifest<'_> {
    /// Writes the manifest.
    pub fn write(self, sink: Sink) -> Result<()> {
        let exports = self.sources.iter().map(|source| {
            json!({
                "name": source.name,
                "bytes": source.digest.as_ref().map(|digest| digest.bytes),
                "sha256": source.digest.as_ref().map(|digest| digest.sha256.as_str()),
                "preset": source.layout.preset.name,
                "encoding": source.layout.encoding.name(),
                "rows_read": source.rows_read,
            })
        });
        let by_hand = self.hand.iter().map(|file| {
            json!({
                "name": file.name,
                "bytes": file.digest.bytes,
                "sha256": file.digest.sha256,
                "preset": null,
                "encoding": file.encoding,
                "rows_read": file.rows_read,
            })
        });
        // The original files of an export are known, but not their present content.
        let read_there = self.export.map(|(path, about)| {
            json!({
                "name": path,
                "bytes": null,
                "sha256": null,
                "preset": null,
                "encoding": null,
                "rows_read": about.all_rows_read(),
                "export": about,
            })
        });
        let inputs: Vec<Value> = exports.chain(read_there).chain(by_hand).collect();
        let mut manifest = Map::new();
        manifest.insert("ecrm_version".into(), env!("CARGO_PKG_VERSION").into());
        manifest.insert("report".into(), self.report.name.into());
        manifest.insert("inputs".into(), inputs.into());
        manifest.insert("parameters".into(), self.report.parameters.clone().into());
        manifest.insert("customer_count".into(), self.report.customer_count.into());
        manifest.insert("order_count".into(), self.report.order_count.into());
        manifest.insert("accounting".into(), accounting_json(&self.report.accounting));
        if !self.report.truncated.is_empty() {
            manifest.insert("truncated".into(), self.report.truncated.clone().into());
        }
        manifest.extend(self.details);
        let text = format!("{:#}\n", Value::Object(manifest));
        sink.write_with(|out| out.write_all(text.as_bytes()))
    }
}
