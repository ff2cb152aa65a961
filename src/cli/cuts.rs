//! Cut points as people and files write them.

use std::path::Path;

use crate::error::{Error, Result};
use crate::metrics::rfm::{BINS, Cuts, Means, plain};
use crate::present::sink::Sink;
use crate::schema::money;

/// Fixed cut points as millionths.
pub fn given(measure: &str, cuts: Option<&Vec<String>>) -> Result<Vec<i64>> {
    let cuts = cuts.ok_or_else(|| {
        Error::usage(
            format!("--method fixed needs cut points for {measure}"),
            format!("add --{measure}-cuts 1,2,3,4"),
        )
    })?;
    parse_cuts(cuts).map_err(|wrong| {
        Error::usage(
            format!("{wrong:?} is no cut point"),
            format!("write --{measure}-cuts as numbers, smallest first"),
        )
    })
}

/// The wrong text on failure.
fn parse_cuts(cuts: &[String]) -> std::result::Result<Vec<i64>, String> {
    cuts.iter().map(|text| money::parse_plain(text).ok_or_else(|| text.clone())).collect()
}

/// The file of `--save-cuts` and `--cuts`. Decimals are texts, so that no program rounds them.
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
    /// Of files of earlier versions there are none.
    means: Option<MeansOfFile>,
}

/// The means of the scores, which `--groups eight` depends on.
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
    /// How many bins they make.
    pub bins: u8,
    /// The means of the scores.
    pub means: Option<Means>,
}

pub fn write_cuts(sink: Sink, frozen: &Frozen) -> Result<()> {
    let Frozen { cuts, bins, means } = frozen;
    let text = |mean: i64| money::plain(i128::from(mean));
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
    let hint = "--save-cuts writes such a file";
    let file: CutsFile =
        toml::from_str(&text).map_err(|error| Error::config(&name, error.message(), hint))?;
    if !BINS.contains(&file.bins) {
        let range = format!("{} to {} bins make scores", BINS.start(), BINS.end());
        return Err(Error::config(&name, format!("bins cannot be {}", file.bins), range));
    }
    let parse = |cuts: &[String]| {
        parse_cuts(cuts).map_err(|wrong| Error::config(&name, format!("{wrong:?} is no cut point"), hint))
    };
    let cuts = Cuts { r: parse(&file.r)?, f: parse(&file.f)?, m: parse(&file.m)? };
    let mean = |text: &String| {
        let no_mean = || Error::config(&name, format!("{text:?} is no mean"), hint);
        money::parse_plain(text).ok_or_else(no_mean)
    };
    let means = file
        .means
        .map(|MeansOfFile { r, f, m }| Ok::<_, Error>(Means { r: mean(&r)?, f: mean(&f)?, m: mean(&m)? }));
    Ok(Frozen { cuts, bins: file.bins, means: means.transpose()? })
}
