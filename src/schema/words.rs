//! Words of customer lists and send logs that have one meaning whatever a platform writes.

/// Separates a campaign's id from the name of one of its steps, as in `june/unpaid_first`.
pub const STEP: char = '/';

/// The campaign to which a step's id belongs; `None` if the id is no step's.
pub fn whole_campaign(id: &str) -> Option<&str> {
    id.rsplit_once(STEP).map(|(whole, _)| whole)
}

/// The meaning of a yes or no in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// The customer wants no messages.
    OptedOut,
    /// The shop does not want the customer any more.
    Blacklisted,
    /// A message arrived.
    Delivered,
    /// A message was opened.
    Opened,
    /// A link in a message was followed.
    Clicked,
    /// An order was placed in a presale.
    Presale,
}

/// Words that mean yes or no for every flag, without case, spaces and punctuation.
const YES: [&str; 13] = ["yes", "y", "true", "t", "1", "on", "是", "是的", "对", "真", "√", "✓", "✔"];
const NO: [&str; 13] = ["no", "n", "false", "f", "0", "off", "否", "不是", "不", "假", "×", "✗", "✘"];

impl Flag {
    /// The flag's own words for yes and for no.
    fn words(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::OptedOut => (
                &[
                    "optedout",
                    "optout",
                    "unsubscribed",
                    "unsubscribe",
                    "donotcontact",
                    "dnc",
                    "退订",
                    "已退订",
                    "拒收",
                    "已拒收",
                    "拒绝",
                    "拒绝接收",
                    "免打扰",
                    "不接收",
                    "不同意",
                ],
                &[
                    "optedin",
                    "optin",
                    "subscribed",
                    "active",
                    "未退订",
                    "未拒收",
                    "正常",
                    "接收",
                    "同意",
                    "订阅",
                    "已订阅",
                ],
            ),
            Self::Blacklisted => (
                &[
                    "blacklisted",
                    "blacklist",
                    "blocked",
                    "banned",
                    "黑名单",
                    "拉黑",
                    "已拉黑",
                    "已加入黑名单",
                ],
                &["normal", "active", "notblacklisted", "正常", "未拉黑", "非黑名单", "白名单"],
            ),
            Self::Delivered => (
                &[
                    "delivered",
                    // From delivery receipts of short message centres (SMPP 3.4, 5.2.28).
                    "delivrd",
                    "success",
                    "successful",
                    "succeeded",
                    "received",
                    "送达",
                    "已送达",
                    "送达成功",
                    "发送成功",
                    "推送成功",
                    "成功",
                    "已触达",
                    "已接收",
                ],
                &[
                    "undelivered",
                    "undeliv",
                    "rejectd",
                    "expired",
                    "notdelivered",
                    "failed",
                    "failure",
                    "fail",
                    "bounced",
                    "bounce",
                    "hardbounce",
                    "softbounce",
                    "rejected",
                    "blocked",
                    "未送达",
                    "送达失败",
                    "发送失败",
                    "推送失败",
                    "失败",
                    "未触达",
                    "拒收",
                ],
            ),
            Self::Opened => (
                &["opened", "open", "read", "viewed", "已读", "打开", "已打开", "已阅读"],
                &["unopened", "notopened", "unread", "notread", "未读", "未打开", "未阅读"],
            ),
            Self::Presale => (
                &["presale", "preorder", "preordered", "预售", "预定", "预售订单"],
                &["normal", "regular", "instock", "普通", "普通订单", "现货", "非预售"],
            ),
            Self::Clicked => {
                (&["clicked", "click", "点击", "已点击"], &["notclicked", "unclicked", "未点击"])
            }
        }
    }

    /// The meaning of a word: `yes`, `退订`, `1`, `bounced`. `None` if it is unknown.
    pub fn of(self, word: &str) -> Option<bool> {
        let word = folded(word);
        let (yes, no) = self.words();
        let is = |words: &[&str]| words.contains(&word.as_str());
        match () {
            () if is(&YES) || is(yes) => Some(true),
            () if is(&NO) || is(no) => Some(false),
            () => None,
        }
    }
}

/// The keys of the known channels, as the `channel` column holds them.
pub const CHANNELS: [&str; 7] = ["sms", "email", "wechat", "qq", "platform", "call", "parcel"];

/// The key of a channel; `None` for an unknown word, which is kept as it is.
pub fn channel(word: &str) -> Option<&'static str> {
    const WORDS: [&[&str]; CHANNELS.len()] = [
        &["sms", "text", "textmessage", "短信", "彩信", "mms", "手机短信", "营销短信"],
        &["email", "mail", "edm", "邮件", "电子邮件", "邮箱"],
        &["wechat", "weixin", "wx", "微信", "企业微信", "公众号", "微信公众号", "wecom"],
        &["qq", "qq消息", "企业qq"],
        &["platform", "inapp", "push", "apppush", "站内信", "平台", "旺旺", "千牛", "站内消息"],
        &["call", "phone", "phonecall", "telephone", "voice", "电话", "外呼", "语音", "语音外呼"],
        &["parcel", "package", "insert", "包裹", "包裹卡", "随包裹"],
    ];
    let word = folded(word);
    let place = WORDS.iter().position(|words| words.contains(&word.as_str()))?;
    Some(CHANNELS[place])
}

/// The arm that is sent nothing.
pub const CONTROL: &str = "control";

/// The channel of something put into the parcel with an order. It is no message, so it does not hold back others.
pub const PARCEL: &str = "parcel";

/// The arm that is sent the message, if there is only one.
pub const TREATMENT: &str = "treatment";

/// The key of an arm: [`CONTROL`] for the words that exports use for it; `None` for every other word, which names a
/// treatment.
pub fn arm(word: &str) -> Option<&'static str> {
    const WORDS: [&str; 12] = [
        "control",
        "controlgroup",
        "ctrl",
        "ctl",
        "holdout",
        "heldout",
        "对照",
        "对照组",
        "控制组",
        "空白组",
        "空白对照",
        "空白对照组",
    ];
    WORDS.contains(&folded(word).as_str()).then_some(CONTROL)
}

/// A word without case, spaces and punctuation. Of a number only the `.0` that spreadsheets add is removed.
fn folded(word: &str) -> String {
    let word = word.trim();
    if word.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+') {
        return word.strip_suffix(".0").unwrap_or(word).to_owned();
    }
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '_' | '-' | '.' | '\'' | '’' | '!' | '。');
    word.chars().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_from_the_words_of_both_languages_and_never_guessed() {
        use Flag::*;
        for (flag, word) in [
            (OptedOut, "yes"),
            (OptedOut, "Y"),
            (Blacklisted, "TRUE"),
            (Clicked, "1"),
            (Clicked, "1.0"),
            (Blacklisted, "是"),
            (OptedOut, "已退订"),
            (OptedOut, "拒收"),
            (Blacklisted, "拉黑"),
            (OptedOut, "Opted out"),
            (Delivered, "送达成功"),
            (Delivered, "DELIVRD"),
            (Opened, "read"),
        ] {
            assert_eq!(flag.of(word), Some(true), "{word}");
        }
        for (flag, word) in [
            (OptedOut, "no"),
            (OptedOut, "False"),
            (Blacklisted, "正常"),
            (OptedOut, "未退订"),
            (OptedOut, "subscribed"),
            (Delivered, "Bounced"),
            (Delivered, "UNDELIV"),
            (Delivered, "REJECTD"),
            (Delivered, "拒收"),
            (Opened, "未读"),
            (Clicked, "0"),
        ] {
            assert_eq!(flag.of(word), Some(false), "{word}");
        }
        for (flag, word) in [
            (OptedOut, ""),
            (OptedOut, "maybe"),
            (Blacklisted, "2"),
            (OptedOut, "-1"),
            (OptedOut, "0.1"),
            (Delivered, "sent"),
            (OptedOut, "未知"),
            (Opened, "退订"),
        ] {
            assert_eq!(flag.of(word), None, "{word}");
        }
    }

    #[test]
    fn channels_and_the_control_arm_have_one_key() {
        for (word, key) in
            [("SMS", "sms"), ("短信", "sms"), ("E-Mail", "email"), ("企业微信", "wechat"), ("外呼", "call")]
        {
            assert_eq!(channel(word), Some(key), "{word}");
        }
        assert_eq!(channel("pigeon"), None);
        for word in ["control", "Control Group", "对照组", "hold-out"] {
            assert_eq!(arm(word), Some(CONTROL), "{word}");
        }
        for word in ["treatment", "A", "controlled", "实验组", "variant 2"] {
            assert_eq!(arm(word), None, "{word}");
        }
    }
}
