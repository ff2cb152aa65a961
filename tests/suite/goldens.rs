//! Command runs with their whole output, and the README's.

#[test]
fn commands_print_what_their_goldens_say() {
    cases().case("tests/cmd/*.trycmd").run();
}

#[test]
fn readme_blocks_do_what_they_show() {
    cases().case("README.md").case("README.zh.md").run();
}

fn cases() -> trycmd::TestCases {
    let cases = trycmd::TestCases::new();
    cases
        .env("LANG", "en_US.UTF-8")
        .env("LC_ALL", "en_US.UTF-8")
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .register_bin("ecrm", std::path::Path::new(env!("CARGO_BIN_EXE_ecrm")));
    cases
}
