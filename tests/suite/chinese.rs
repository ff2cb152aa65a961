//! What goes wrong, said in Chinese: every kind of error, with no English sentence in it.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use ecrm::locale::Lang;
use regex::Regex;

use super::common::ecrm;

/// Runs of so many English words are a sentence rather than names that happen to stand side by side.
const MIN_WORDS: usize = 3;

/// The first run of English words in a text, if there is one. What is quoted, what the system says (it ends with its
/// number), commands to type, flags and names that are no plain words are left out.
fn english(text: &str) -> Option<String> {
    static LEFT_OUT: LazyLock<Regex> = LazyLock::new(|| {
        let quoted = r#""[^"]*"|'[^']*'|`[^`]*`|“[^”]*”"#;
        let system = r"[A-Z][A-Za-z ]+ \(os error \d+\)";
        Regex::new(&format!(r"{quoted}|{system}|ecrm [a-z -]+")).unwrap()
    });
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        let word = r"[A-Za-z][a-z]*[,;:.]?";
        Regex::new(&format!(
            r"(?:^|[\s，。：；（、]){word}(?: {word}){{{},}}(?:$|[\s，。：；）、])",
            MIN_WORDS - 1
        ))
        .unwrap()
    });
    let text = LEFT_OUT.replace_all(text, "“”");
    WORDS.find(&text).map(|run| run.as_str().trim().to_owned())
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn english_sentences_are_told_from_names() {
    for text in [
        "no such file",
        "a.csv：the file is empty",
        "请改：say it with --on YYYY-MM-DD",
        "第 2 行：unknown field, expected one of these",
    ] {
        assert!(english(text).is_some(), "{text}");
    }
    for text in [
        "文件名请以 csv、tsv、json、jsonl、parquet、xlsx、md 或 txt 结尾",
        "无法读取 a.csv：No such file or directory (os error 2)",
        "请在该进程结束后运行 ecrm store compact，删除这些文件",
        "写法有误（“invalid string, expected something else”）",
        "没有 nam 这个键；可用的有 name、days、flag",
        "条件的写法如：order_count >= 2 AND province = '浙江'",
    ] {
        assert_eq!(english(text), None, "{text}");
    }
}

/// A folder of files with which things go wrong.
struct Folder(tempfile::TempDir);

const ORDERS: &str = "order_id,customer_id,paid_at,paid_amount\n1,ann,2026-05-01,50\n2,bob,2026-05-20,5\n";

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in [
            ("orders.csv", ORDERS),
            ("empty.csv", ""),
            ("nobody.csv", "order_id,paid_at,paid_amount\n1,2026-05-01,50\n"),
            ("masked.csv", "order_id,customer_id,paid_at,paid_amount\n1,t**1,2026-05-01,5\n"),
            ("blank.csv", "order_id,customer_id,paid_at,paid_amount\n1,,2026-05-01,5\n"),
            ("unpriced.csv", "order_id,customer_id,paid_at\n1,ann,2026-05-01\n"),
            ("days.csv", "order_id,customer_id,paid_at,paid_amount\n1,a,13/02/2026,5\n2,b,02/13/2026,5\n"),
            (
                "money.csv",
                "order_id,customer_id,paid_at,paid_amount,currency\n1,a,2026-05-01,5,USD\n2,b,2026-05-01,5,EUR\n",
            ),
            ("customers.csv", "customer_id,name,phone\nann,Ann,13912345678\n"),
            ("words.csv", "alpha,beta\nx,y\n"),
            ("page.csv", "<!DOCTYPE html><html><body>log in</body></html>"),
            (
                "broken.csv",
                "order_id,customer_id,paid_at,paid_amount\n1,ann,2026-05-01,50\n2,bob,someday,5\n",
            ),
            ("key.toml", "[scope]\nwindw = 30\n"),
            ("kind.toml", "[scope]\nwindow = \"x\"\n"),
            ("form.toml", "[scope\n"),
            ("days.toml", "[segment]\nactive_days = 400\n"),
            ("scores.toml", "[[rfm.group]]\nkey = \"a\"\nr = \"x\"\nf = 1\n"),
            ("groups.toml", "[[rfm.group]]\nkey = \"a\"\nr = \"1-5\"\nf = \"1-4\"\n"),
            ("method.toml", "[rfm]\nmethod = \"best\"\n"),
            ("tags.toml", "[[tag]]\nname = \"x\"\nrules = [\"order_count >\"]\n"),
            ("cuts.toml", "bins = 99\nr = []\nf = []\nm = []\n"),
            ("cut.toml", "bins = 5\nr = [\"x\"]\nf = []\nm = []\n"),
            ("means.toml", "bins = 3\nr = [\"1\", \"2\"]\nf = [\"1\", \"2\"]\nm = [\"1\", \"2\"]\n"),
            ("field.toml", "name = \"x\"\ntitle = \"x\"\ntable = \"orders\"\n[fields]\norderid = [\"a\"]\n"),
            ("status.toml", "name = \"x\"\ntitle = \"x\"\ntable = \"orders\"\n[status]\npayed = [\"a\"]\n"),
            ("undated.toml", "name = \"x\"\ntitle = \"x\"\ntable = \"orders\"\n"),
            ("heir.toml", "name = \"x\"\ntitle = \"x\"\ntable = \"orders\"\ninherits = \"nobody\"\n"),
            ("notes/notes.csv", "a,b\n1,2\n"),
            ("other/a.txt", "x"),
        ] {
            folder.write(name, text.as_bytes());
        }
        folder.write("cut.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b");
        folder.write("book.xlsx", b"PK\x03\x04 and no more than that");
        folder.write("table.parquet", b"PAR1 and no more than that PAR1");
        folder.write("latin.toml", b"name = \"\xff\"\n");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
    }

    fn run(&self, args: &[&str]) -> (bool, String) {
        let output = ecrm().current_dir(self.0.path()).args(args).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    }

    /// Runs what must fail, in Chinese, and looks at how that is said: error and hint are Chinese without an English
    /// sentence, and what is wrong holds `wanted`.
    fn refuses(&self, line: &str, wanted: &str) {
        let args: Vec<&str> = line.split(' ').collect();
        self.refuses_words(&args, wanted);
    }

    fn refuses_words(&self, args: &[&str], wanted: &str) {
        let (is_fine, said) = self.run(&[args, &["--lang", "zh"]].concat());
        assert!(!is_fine, "{args:?}: {said}");
        let at = said.find("错误：").unwrap_or_else(|| panic!("{args:?}: {said}"));
        let told = said[at..].replacen("错误：", "", 1).replacen("提示：", "", 1);
        assert!(said[at..].contains(wanted), "{args:?}: {wanted}: {said}");
        for part in said[at..].split("\n提示：") {
            assert!(is_chinese(part), "{args:?}: {said}");
        }
        assert_eq!(english(&told), None, "{args:?}: {said}");
        // In English the same is refused, without a word of Chinese that nobody wrote.
        let (is_fine, english) = self.run(&[args, &["--lang", "en"]].concat());
        assert!(!is_fine && !english.contains(wanted), "{args:?}: {english}");
    }
}

#[test]
fn files_that_cannot_be_read_are_refused_in_chinese() {
    let folder = Folder::new();
    for (line, wanted) in [
        ("rfm empty.csv", "empty.csv：文件是空的"),
        ("rfm missing.csv", "没有这个文件"),
        ("rfm other", "这是文件夹"),
        ("rfm [a", "不是通配符模式"),
        ("rfm none*.csv", "没有文件与这个模式匹配"),
        ("rfm cut.csv.gz", "文件不完整或已损坏"),
        ("rfm book.xlsx", "压缩包"),
        ("rfm table.parquet", "Parquet 文件无法读取"),
        ("rfm page.csv", "这是网页"),
        ("rfm words.csv", "无法识别为"),
        ("rfm customers.csv", "输入中没有订单：customers.csv（客户）"),
        ("rfm nobody.csv", "没有买家列"),
        ("rfm masked.csv", "都被平台打码"),
        ("rfm blank.csv", "买家列全是空的"),
        ("rfm unpriced.csv", "需要知道订单金额"),
        ("rfm days.csv", "1 个日期是日在前，又有 1 个是月在前"),
        ("rfm money.csv", "金额有多种货币（EUR、USD），不能相加"),
        ("rfm money.csv --currency CNY", "没有一行是 CNY"),
        ("rfm broken.csv --strict", "无法读取，第一处在"),
        ("rfm orders.csv --sheet May", "而 orders.csv 都不是工作簿"),
        ("rfm orders.csv --map customer_id=Whom", "没有名为“Whom”的列"),
        ("check empty.csv missing.csv", "文件是空的（另有 1 个文件有问题）"),
        ("rmf", "没有叫 rmf 的命令"),
    ] {
        folder.refuses(line, wanted);
    }
    let book = std::path::absolute("fixtures/quirks/sheet_per_month_and_a_hidden_one.xlsx").unwrap();
    folder.refuses_words(&["rfm", book.to_str().unwrap(), "--sheet", "May"], "没有 \"May\" 这张工作表");
}

#[test]
fn wrong_questions_and_outputs_are_refused_in_chinese() {
    let folder = Folder::new();
    for (line, wanted) in [
        ("segment orders.csv --active-days 400", "各分层的天数必须递增：刚购买 7，活跃 400"),
        ("value orders.csv --core 0.99 --potential 0.5", "占比必须递增"),
        ("rfm orders.csv --r-cuts 1,2", "给出了分界点，却用不上"),
        ("rfm orders.csv --method fixed", "需要 r 的分界点"),
        ("rfm orders.csv --method fixed --r-cuts 1,x --f-cuts 1,2 --m-cuts 1,2", "\"x\" 不是分界点"),
        (
            "rfm orders.csv --method fixed --r-cuts 1,2 --f-cuts 1,2 --m-cuts 1,2",
            "r 有 2 个分界点，而 5 档需要由小到大的 4 个",
        ),
        ("rfm orders.csv --method ntile --save-cuts c.toml", "没有可保存的分界点"),
        ("rfm orders.csv --cuts cuts.toml", "cuts.toml：bins 不能是 99"),
        ("rfm orders.csv --cuts cut.toml", "\"x\" 不是分界点"),
        ("rfm orders.csv --cuts key.toml", "没有 scope 这个键"),
        ("rfm orders.csv --cuts means.toml --bins 5", "means.toml 中是 3 档的分界点"),
        ("rfm orders.csv --cuts means.toml --groups eight", "没有 --groups eight 所依据的平均值"),
        ("rfm orders.csv -o x.odt", "没有后缀为 .odt 的格式"),
        ("rfm orders.csv -o other", "other：这是文件夹"),
        ("rfm orders.csv -o none/x.csv", "没有 none 这个文件夹"),
        ("rfm orders.csv --table nope", "没有 \"nope\" 这张表"),
        ("rfm orders.csv --max-rejects many", "请写行数"),
        ("rfm orders.csv --tz Mars/Base", "没有名为 \"Mars/Base\" 的时区"),
        ("customers orders.csv --columns nope", "没有 nope 这一列"),
        ("customers orders.csv --explain zoe", "没有文件提到客户 zoe"),
        ("init orders.csv -o orders.csv", "会覆盖"),
        ("init orders.csv -o key.toml", "key.toml：这个文件已经存在"),
        ("note ann --clear", "ann 没有备注"),
    ] {
        folder.refuses(line, wanted);
    }
    folder.refuses_words(&["customers", "orders.csv", "--where", "order_count >"], "末尾还缺少内容");
    folder
        .refuses_words(&["customers", "orders.csv", "--where", "ordr_count > 1"], "没有名为 ordr_count 的列");
    // A command that has no flag for the language goes by the system's.
    let output = ecrm().env("LANG", "zh_CN.UTF-8").args(["define", "qqqqqqqqqq"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("没有名为 \"qqqqqqqqqq\" 的定义") && said.contains("提示：可用的名称"), "{said}");
}

#[test]
fn wrong_configurations_and_presets_are_refused_in_chinese() {
    let folder = Folder::new();
    for (file, wanted) in [
        ("key.toml", "key.toml：第 2 行（windw = 30）：没有 windw 这个键；可用的有"),
        ("kind.toml", "不能是 \"x\""),
        ("form.toml", "写法有误（“"),
        ("days.toml", "days.toml：各分层的天数必须递增"),
        ("scores.toml", "\"x\" 不是评分范围"),
        ("tags.toml", "末尾还缺少内容"),
        ("latin.toml", "不是 UTF-8 文本"),
        ("missing.toml", "无法读取 missing.toml：No such file"),
    ] {
        folder.refuses(&format!("segment orders.csv --config {file}"), wanted);
    }
    folder.refuses("rfm orders.csv --config groups.toml", "R 1 × F 5 不属于任何分组");
    folder.refuses("rfm orders.csv --config method.toml", "[rfm] method 不能是 \"best\"");
    for (preset, wanted) in [
        ("nobodys", "没有名为 \"nobodys\" 的预设"),
        ("none.toml", "没有这个文件"),
        ("latin.toml", "这个预设不是 UTF-8 编码"),
        ("field.toml", "没有名为 orderid 的字段"),
        ("status.toml", "没有名为 \"payed\" 的状态"),
        ("undated.toml", "订单的预设需要日期"),
        ("heir.toml", "x：没有预设 nobody"),
        ("key.toml", "第 1 行：没有 scope 这个键"),
    ] {
        folder.refuses(&format!("rfm orders.csv --preset {preset}"), wanted);
    }
}

#[test]
fn stores_refuse_in_chinese() {
    let folder = Folder::new();
    assert!(folder.run(&["import", "orders.csv", "--store", "st"]).0);
    for (line, wanted) in [
        ("store info none", "这不是 ecrm 数据仓"),
        ("store info", "没有指明数据仓"),
        ("store who ann", "没有指明数据仓"),
        ("import orders.csv", "没有指明数据仓"),
        ("import st --store two", "这本身就是数据仓"),
        ("import orders.csv --store words.csv", "这是文件，不是文件夹"),
        ("import orders.csv --store other", "这个文件夹里有别的内容（\"a.txt\"）"),
        ("import orders.csv --store st --tz Asia/Tokyo", "但当时的读法不同"),
        ("rfm st --tz Asia/Tokyo", "是按导入时的读法保存的，当时没有设置 tz"),
        ("store who zoe st", "没有 zoe 的记录"),
        ("store who null st", "\"null\" 不指任何人"),
        ("rfm orders.csv -o st/x.csv", "-o st/x.csv 在数据仓"),
    ] {
        folder.refuses(line, wanted);
    }
    let manifest = folder.path("st/ecrm-store.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let format = Regex::new(r#""format": *\d+"#).unwrap();
    for (number, wanted) in [(99, "更新版本的 ecrm"), (1, "首次发布之前的版本")] {
        fs::write(&manifest, format.replace(&text, format!("\"format\": {number}")).as_ref()).unwrap();
        folder.refuses("store info st", wanted);
    }
    fs::write(&manifest, &text).unwrap();
    for file in fs::read_dir(folder.path("st/orders")).unwrap().map(|file| file.unwrap().path()) {
        fs::write(file, b"x").unwrap();
    }
    folder.refuses("rfm st", "数据仓的这个文件已损坏");
    folder.refuses("store verify st", "个文件中有");
}

/// Places, and what is between quotes in an example, are filled in or copied.
#[test]
fn no_text_of_the_translations_is_an_english_sentence_in_chinese() {
    let text = fs::read_to_string("src/locale/zh.toml").unwrap();
    let sections: toml::Table = text.parse().unwrap();
    let place = Regex::new(r"\{[a-z_]+\}").unwrap();
    let mut seen = 0;
    for section in [
        "error",
        "finding",
        "store",
        "refused",
        "reason",
        "wanted",
        "rule",
        "why",
        "recognition",
        "tip",
        "toml",
    ] {
        for (key, text) in sections[section].as_table().unwrap() {
            let text = place.replace_all(text.as_str().unwrap(), "“”");
            assert_eq!(english(&text), None, "{section}.{key}: {text}");
            seen += 1;
        }
    }
    assert!(seen > 800, "{seen} texts were looked at");
    // Errors say something in Chinese beyond what is filled in.
    let is_frame = |text: &str| !place.replace_all(text, "").chars().any(char::is_alphanumeric);
    for (key, text) in sections["error"].as_table().unwrap() {
        let text = text.as_str().unwrap();
        assert!(is_chinese(text) || is_frame(text), "error.{key}: {text}");
        assert!(Lang::En.locale().find("error", key).is_some(), "error.{key}");
    }
}
