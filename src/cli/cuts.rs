//! Cut points as people and files write them.

use std::path::Path;

use crate::error::{Error, Result};
use crate::locale::{Words, toml_fault};
use crate::metrics::rfm::{BINS, Cuts, Means, plain};
use crate::present::sink::Sink;
use crate::schema::{Micros, money};

/// Fixed cut points as millionths.
pub fn given(measure: &str, cuts: Option<&Vec<String>>) -> Result<Vec<i64>> {
    let of = ("measure", measure.to_owned());
    let cuts = cuts.ok_or_else(|| Error::usage_of("cuts_needed", std::slice::from_ref(&of)))?;
    parse_cuts(cuts).map_err(|wrong| Error::usage_of("no_cut", &[of, ("seen", format!("{wrong:?}"))]))
}

/// Parses cut points; the error is the text that is wrong.
fn parse_cuts(cuts: &[String]) -> std::result::Result<Vec<i64>, String> {
    cuts.iter().map(|text| money::parse_plain(text).map(Micros::number).ok_or_else(|| text.clone())).collect()
}

/// The file of `--save-cuts` and `--cuts`. Numbers are stored as texts, so that no program rounds them.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CutsFile {
    bins: u8,
    /// Days.
    r: Vec<String>,
    /// Orders.
    f: Vec<String>,
    /// Currency units.
    m: Vec<String>,
    /// `None` in files of earlier versions.
    means: Option<MeansOfFile>,
}

/// The means of the scores, which `--groups eight` needs.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct MeansOfFile {
    r: String,
    f: String,
    m: String,
}

/// What a file of cut points holds.
pub struct Frozen {
    /// The cut points.
    pub cuts: Cuts,
    /// The number of bins they make.
    pub bins: u8,
    /// The means of the scores.
    pub means: Option<Means>,
}

pub fn write_cuts(sink: Sink, frozen: &Frozen) -> Result<()> {
    let Frozen { cuts, bins, means } = frozen;
    let text = |mean: i64| money::plain(mean);
    let means = means.map(|means| MeansOfFile { r: text(means.r), f: text(means.f), m: text(means.m) });
    let file = CutsFile { bins: *bins, r: plain(&cuts.r), f: plain(&cuts.f), m: plain(&cuts.m), means };
    let text = toml::to_string(&file).map_err(|error| Error::Internal(error.to_string()))?;
    let text = format!(
        "# Cut points of an RFM run, for ecrm rfm --cuts: r in days, f in orders, m in currency units; and the means of\n\
         # its scores, for --groups eight.\n{text}"
    );
    sink.write_with(|out| out.write_all(text.as_bytes()))
}

pub fn read_cuts(path: &Path) -> Result<Frozen> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
    let wrong = |message| Error::config(&name, message, Words::of("error", "cuts_file_hint", &[]));
    let seen = |key, text: &String| wrong(Words::of("error", key, &[("seen", format!("{text:?}"))]));
    let file: CutsFile = toml::from_str(&text).map_err(|error| wrong(toml_fault(error.message())))?;
    if !BINS.contains(&file.bins) {
        let values = [("bins", file.bins), ("least", *BINS.start()), ("most", *BINS.end())];
        return Err(Error::config_of(
            &name,
            "cuts_bins",
            &values.map(|(name, bins)| (name, bins.to_string())),
        ));
    }
    let parse = |cuts: &[String]| parse_cuts(cuts).map_err(|text| seen("no_cut", &text));
    let cuts = Cuts { r: parse(&file.r)?, f: parse(&file.f)?, m: parse(&file.m)? };
    let mean =
        |text: &String| money::parse_plain(text).map(Micros::number).ok_or_else(|| seen("no_mean", text));
    let means = file
        .means
        .map(|MeansOfFile { r, f, m }| Ok::<_, Error>(Means { r: mean(&r)?, f: mean(&f)?, m: mean(&m)? }));
    Ok(Frozen { cuts, bins: file.bins, means: means.transpose()? })
}
