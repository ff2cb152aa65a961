//! Comparisons with the published figures of the CDNOW sample (`fixtures/cdnow`) and with closed forms in 40 digits,
//! and fits of random shops that follow the models.

use super::draws::Draws;
use super::gamma_gamma::{Dependence, Spend, Spender};
use super::maximum::Likelihood;
use super::*;

fn lines(text: &str) -> impl Iterator<Item = Vec<f64>> + '_ {
    text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect())
}

/// The cells of the sample, with times in weeks.
fn cdnow() -> Vec<Cell> {
    let cell =
        |row: Vec<f64>| Cell { x: row[0] as u32, t_x: row[1] / 7.0, t: row[2] / 7.0, count: row[3] as u64 };
    lines(include_str!("../../../fixtures/cdnow/repeats.csv")).map(cell).collect()
}

/// Mean amounts are rounded to whole cents, half a cent up, as in the authors' data: with unrounded ones the
/// log-likelihood is −4055.918.
fn spenders() -> Vec<Spender> {
    let spender = |row: Vec<f64>| {
        let (x, cents) = (row[0] as u32, (row[1] * 100.0).round() as u32);
        Spender { x, mean: f64::from((2 * cents + x) / (2 * x)) / 100.0 }
    };
    lines(include_str!("../../../fixtures/cdnow/spend.csv")).map(spender).collect()
}

fn one(x: u32, t_x: f64, t: f64) -> Cell {
    Cell { x, t_x, t, count: 1 }
}

fn near(found: f64, right: f64, relative: f64) {
    assert!((found - right).abs() <= relative * right.abs(), "{found} is not {right}");
}

fn fixed(model: Model, parameters: [f64; 4]) -> Fit {
    Fit { model, parameters, covariance: [[0.0; 4]; 4], log_likelihood: 0.0 }
}

/// The expected orders of a new customer beyond the first one.
fn of_new(fit: &Fit, weeks: f64) -> f64 {
    fit.p_alive(&one(0, 0.0, 0.0)) * fit.ahead(0, 0.0, weeks).mean
}

/// The number of customers, the log-likelihood, the expected orders in the next 39 weeks, and the mean chance of still
/// buying.
fn summary(fit: &Fit) -> (u64, f64, f64, f64) {
    let cells = cdnow();
    let sum =
        |value: &dyn Fn(&Cell) -> f64| -> f64 { cells.iter().map(|of| of.count as f64 * value(of)).sum() };
    let customers = cells.iter().map(|of| of.count).sum::<u64>();
    let orders = sum(&|of| fit.p_alive(of) * fit.ahead(of.x, of.t, 39.0).mean);
    (customers, fit.log_likelihood, orders, sum(&|of| fit.p_alive(of)) / customers as f64)
}

fn texts(values: &[f64], digits: usize) -> Vec<String> {
    values.iter().map(|value| format!("{value:.digits$}")).collect()
}

/// Fader, Hardie and Lee 2005, table 2 and the notes of its authors.
#[test]
fn bg_nbd_gives_what_was_published_of_cdnow() {
    let fit = Model::BgNbd.fit(&cdnow()).expect("a fit");
    let [r, alpha, a, b] = fit.parameters;
    assert_eq!(texts(&[r, alpha, a, b], 3), ["0.243", "4.414", "0.793", "2.426"]);
    for (found, right) in [(r, 0.242595), (alpha, 4.413602), (a, 0.792922), (b, 2.425907)] {
        assert!((found - right).abs() < 2e-6, "{found} is not {right}");
    }
    let (customers, likelihood, orders, alive) = summary(&fit);
    assert_eq!(customers, 2_357);
    assert_eq!(
        (texts(&[likelihood, alive], 4), format!("{orders:.2}")),
        (vec!["-9582.4292".to_owned(), "0.8134".to_owned()], "1653.41".to_owned())
    );
    let weeks = [0.1429, 1.0, 3.0, 31.8571, 32.0, 78.0].map(|weeks| of_new(&fit, weeks));
    assert_eq!(texts(&weeks, 4), ["0.0078", "0.0532", "0.1506", "1.0405", "1.0437", "1.8580"]);
    let expected = fit.p_alive(&one(2, 30.43, 38.86)) * fit.ahead(2, 38.86, 39.0).mean;
    assert_eq!(format!("{expected:.4}"), "1.2259");
}

/// Batislam, Denizel and Filiztekin 2007.
#[test]
fn mbg_nbd_gives_what_was_published_of_cdnow() {
    let fit = Model::MbgNbd.fit(&cdnow()).expect("a fit");
    for (found, right) in fit.parameters.iter().zip([0.524843, 6.183085, 0.891359, 1.614002]) {
        assert!((found - right).abs() < 4e-6, "{found} is not {right}");
    }
    let (_, likelihood, orders, alive) = summary(&fit);
    assert_eq!(
        (texts(&[likelihood, alive], 4), format!("{orders:.2}")),
        (vec!["-9582.1357".to_owned(), "0.4487".to_owned()], "1576.73".to_owned())
    );
}

/// Schmittlein, Morrison and Colombo 1987; Fader and Hardie 2005.
#[test]
fn pareto_nbd_gives_what_was_published_of_cdnow() {
    let fit = Model::ParetoNbd.fit(&cdnow()).expect("a fit");
    // The published beta is where its authors' search ended: the likelihood is too flat to determine its last digits.
    for (found, right) in fit.parameters.iter().zip([0.553277, 10.577683, 0.606240, 11.668741]) {
        near(*found, right, 2e-6);
    }
    let (_, likelihood, orders, alive) = summary(&fit);
    assert_eq!(
        (texts(&[likelihood, alive], 4), format!("{orders:.2}")),
        (vec!["-9594.9762".to_owned(), "0.4463".to_owned()], "1665.51".to_owned())
    );
    let alive = fit.p_alive(&one(26, 30.86, 31.0));
    assert_eq!(format!("{alive:.5}"), "0.99792");
    assert_eq!(format!("{:.3}", alive * fit.ahead(26, 31.0, 52.0).mean), "25.456");
}

/// Fader and Hardie 2013. In their spreadsheet, customer 1 spent 22.35 on each of two repeats, customer 2 spent 11.77
/// on one, customer 3 nothing, and customer 6 spent 73.74 on each of seven. They report a correlation of .11.
#[test]
fn gamma_gamma_gives_what_was_published_of_cdnow() {
    let spenders = spenders();
    assert_eq!(spenders.len(), 946);
    let spend = Spend::fit(&spenders).expect("a fit");
    assert_eq!(texts(&spend.parameters, 4), ["6.2488", "3.7446", "15.4477"]);
    assert_eq!(format!("{:.3}", spend.log_likelihood), "-4055.923");
    let of = |x: u32, mean: f64| spend.expected((x > 0).then_some(Spender { x, mean }));
    let customers = [of(2, 22.35), of(1, 11.77), of(0, 0.0), of(7, 73.74)];
    assert_eq!(texts(&customers, 3), ["24.659", "18.911", "35.171", "71.463"]);
    assert_eq!(format!("{:.2}", spend.dependence.correlation), "0.11");
    assert!(!spend.dependence.is_strong());
}

/// The expected number and square of the orders ahead of a customer who still buys, computed with mpmath in 40 digits:
/// the mean by the closed form with the hypergeometric function (arguments from 0.34 to 0.9999), the square as a sum.
#[test]
fn the_orders_ahead_are_those_of_the_closed_form() {
    for (parameters, x, t, further, mean, square) in [
        ([0.242595, 4.413602, 0.792922, 2.425907], 2, 38.86, 39.0, 1.687161604130716, 5.548259673522812),
        ([0.5, 0.01, 1.5, 2.0], 0, 0.0, 104.0, 4.645653685423049, 731.6981842434809),
        ([0.5, 0.0104, 1.5, 2.0], 0, 0.0, 104.0, 4.640106328748462, 716.8744494249738),
        ([0.8, 5.0, 1.0000001, 3.0], 4, 20.0, 13.0, 2.120496231445575, 7.377548404701624),
        ([2.0, 3.0, 0.2, 9.0], 60, 52.0, 26.0, 28.22453802566003, 856.3597055438868),
        ([0.3, 0.05, 0.4, 0.7], 1, 0.2, 52.0, 48.8718264310308, 14979.0262700607),
    ] {
        let ahead = fixed(Model::BgNbd, parameters).ahead(x, t, further);
        near(ahead.mean, mean, 1e-10);
        near(ahead.square, square, 1e-10);
        // MBG/NBD differs only in counting one more occasion at which the customer has not stopped.
        let [r, alpha, a, b] = parameters;
        assert_eq!(fixed(Model::MbgNbd, [r, alpha, a, b - 1.0]).ahead(x, t, further), ahead);
    }
}

/// The likelihood and the chance of still buying, computed with mpmath in 120 digits as the difference of
/// hypergeometric functions; with many orders and a long silence, with scales near 0, and with s = 1.
#[test]
fn pareto_nbd_is_that_of_the_closed_form() {
    const CDNOW: [f64; 4] = [0.553277, 10.577683, 0.606240, 11.668741];
    for (parameters, x, t_x, t, likelihood, alive) in [
        (CDNOW, 26, 30.86, 31.0, -39.130804632514084, 0.9979178933222345),
        (CDNOW, 0, 0.0, 38.0, -0.5183124749381207, 0.300223349134819),
        (CDNOW, 2, 30.43, 38.86, -9.554333843548584, 0.8691156742049192),
        ([1.2, 0.01, 0.5, 40.0], 0, 0.0, 104.0, -7.622813183627526, 0.016289371805219469),
        ([1.2, 0.01, 0.5, 40.0], 3, 1.0, 104.0, -9.022515259618503, 4.95810637442532e-7),
        ([2.0, 30.0, 0.7, 0.02], 5, 10.0, 52.0, -18.206183573897608, 0.008533454070041729),
        ([0.8, 5.0, 0.3, 8.0], 300, 5.0, 100.0, 714.9642839998744, 4.629304562248364e-305),
        ([0.8, 5.0, 1.0, 8.0], 300, 99.0, 100.0, 12.439524936178918, 0.9482183985706233),
        ([3.0, 7.0, 2.5, 7.0], 4, 11.0, 26.0, -12.196123532148599, 0.011889632815727515),
    ] {
        let cell = one(x, t_x, t);
        let [_, alpha, ..] = parameters;
        let cells = std::iter::once((&cell, (alpha + t).ln()));
        near(pareto_nbd::sum(&parameters, cells)[0], likelihood, 1e-11);
        near(fixed(Model::ParetoNbd, parameters).p_alive(&cell), alive, 1e-10);
    }
}

/// The expected number of orders ahead, the chance of any, and the expected square, computed with mpmath as integrals
/// over the time of stopping.
#[test]
fn the_orders_ahead_end_with_pareto_nbd_where_customers_stop() {
    for (parameters, x, t, further, mean, any, square) in [
        (
            [0.553277, 10.577683, 0.606240, 11.668741],
            26,
            31.0,
            52.0,
            25.509432536213,
            0.978217514296355,
            834.636668025405,
        ),
        (
            [0.553277, 10.577683, 0.606240, 11.668741],
            0,
            0.0,
            39.0,
            1.2134041418216,
            0.406467641068905,
            7.17215543862396,
        ),
        ([0.5, 2.0, 1.0, 8.0], 200, 50.0, 52.0, 143.134507772225, 0.995546058853509, 25928.9232641571),
        ([0.5, 0.5, 2.5, 1.0], 0, 0.0, 104.0, 0.666047047572731, 0.248388565668093, 7.4986846745981),
    ] {
        let ahead = fixed(Model::ParetoNbd, parameters).ahead(x, t, further);
        near(ahead.mean, mean, 1e-10);
        near(ahead.any(), any, 1e-8);
        near(ahead.square, square, 1e-8);
    }
}

/// The derivatives agree with differences of the values.
#[test]
fn the_slopes_are_right() {
    let cells =
        [one(0, 0.0, 20.0), one(0, 0.0, 0.0), one(3, 4.0, 30.0), one(3, 29.0, 30.0), one(40, 10.0, 60.0)];
    fn compare<const N: usize>(likelihood: &impl Likelihood<N>, logs: [f64; N]) {
        let (_, slope) = likelihood.mean(&logs);
        for i in 0..N {
            let at = |by: f64| {
                let mut logs = logs;
                logs[i] += by;
                likelihood.mean(&logs).0
            };
            let right = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!(
                (slope[i] - right).abs() < 1e-7 * (1.0 + right.abs()),
                "{i}: {} is not {right}",
                slope[i]
            );
        }
    }
    for model in [Model::MbgNbd, Model::BgNbd, Model::ParetoNbd] {
        for logs in [[0.0, 1.0, -0.5, 1.5], [-1.5, -3.0, 0.7, -2.0], [1.0, 3.0, 0.0, 4.0]] {
            compare(&Counted::new(model, &cells), logs);
        }
    }
    let spenders: Vec<Spender> =
        [(1, 3.0), (1, 0.2), (5, 1.5), (60, 0.9)].map(|(x, mean)| Spender { x, mean }).into();
    for logs in [[1.0, 0.5, 0.0], [-1.0, 2.0, 3.0]] {
        compare(&gamma_gamma::Spenders::new(&spenders), logs);
    }
}

/// With a chance of 1/2 of still buying, and of .9, .5, .1 and .05 of at least 1, 2, 3 and 4 orders then: there is none
/// with a chance of .55, at most 1 with .75, and at most 2 with .95, so that 2 is the 95 % quantile.
#[test]
fn an_interval_holds_ninety_of_a_hundred() {
    let ahead = Ahead::new(&[0.9, 0.5, 0.1, 0.05, 0.01]);
    assert_eq!(ahead.interval(0.5), (0, 2));
    // For a customer who surely still buys, there is none with a chance of .1, and at most 3 with .95.
    assert_eq!(ahead.interval(1.0), (0, 3));
    assert_eq!(Ahead::new(&[0.97, 0.96, 0.2]).interval(1.0), (2, 3));
    near(ahead.mean, 1.56, 1e-12);
    // 1 · .9 + 3 · .5 + 5 · .1 + 7 · .05 + 9 · .01.
    near(ahead.square, 3.34, 1e-12);
    assert_eq!(Ahead::new(&[]).interval(1.0), (0, 0));
}

/// By hand: the means are 2 and 5, Σ(x−2)(z−5) = 2, Σ(x−2)² = 2 and Σ(z−5)² = 8, so that the correlation is 1/2.
#[test]
fn orders_and_amounts_may_go_together() {
    let of = |pairs: &[(u32, f64)]| {
        Dependence::new(&pairs.iter().map(|(x, mean)| Spender { x: *x, mean: *mean }).collect::<Vec<_>>())
    };
    near(of(&[(1, 5.0), (2, 3.0), (3, 7.0)]).correlation, 0.5, 1e-12);
    let many: Vec<(u32, f64)> = (0..40).map(|i| (1 + i % 4, f64::from(10 + i % 4))).collect();
    assert!(of(&many).is_strong() && of(&many).p_value < 1e-6);
    let constant: Vec<(u32, f64)> = (0..40).map(|i| (1 + i % 4, 10.0)).collect();
    assert_eq!((of(&constant).correlation, of(&constant).is_strong()), (0.0, false));
}

#[test]
fn what_tells_nothing_is_refused() {
    assert_eq!(Model::MbgNbd.fit(&[Cell { count: 50, ..one(0, 0.0, 9.0) }]).err(), Some(Failure::NoRepeats));
    assert_eq!(Model::BgNbd.fit(&[Cell { count: 50, ..one(2, 0.0, 0.0) }]).err(), Some(Failure::NoRepeats));
    // All customers are alike: nothing varies, so the shapes grow for ever.
    for model in [Model::MbgNbd, Model::BgNbd, Model::ParetoNbd] {
        let failure = model.fit(&[Cell { count: 500, ..one(10, 20.0, 21.0) }]).expect_err("no fit");
        assert!(matches!(failure, Failure::Unbounded { .. } | Failure::NotConverged), "{failure:?}");
    }
    let same: Vec<Spender> = (1..100).map(|x| Spender { x: 1 + x % 5, mean: 20.0 }).collect();
    let failure = Spend::fit(&same).expect_err("no fit");
    assert!(matches!(failure, Failure::Unbounded { .. } | Failure::NotConverged), "{failure:?}");
    assert_eq!(Spend::fit(&[]).err(), Some(Failure::NoRepeats));
}

/// If amounts vary from order to order but not from customer to customer, q grows as far as it may, or to where the
/// random sample happens to have a maximum. The search must not get lost on the ridge that leads there.
#[test]
fn customers_who_spend_alike_are_no_reason_to_search_for_ever() {
    for seed in 0..5 {
        let mut draws = Draws::new(seed);
        let mut one = |i: u32| {
            let x = 1 + i % 4;
            Spender { x, mean: draws.gamma(2.0 * f64::from(x), 2.0 * f64::from(x)) }
        };
        let spenders: Vec<Spender> = (0..4_000).map(&mut one).collect();
        match Spend::fit(&spenders) {
            Ok(spend) => assert!(spend.parameters[1] > 50.0, "{seed}: {:?}", spend.parameters),
            Err(failure) => {
                assert_eq!(failure, Failure::Unbounded { parameter: 1, rises: true }, "{seed}");
            }
        }
    }
}

/// Ten random shops per model: at least 97 % of the fitted parameters are within three standard errors of the true
/// ones.
#[test]
fn what_shops_were_drawn_with_is_found_again() {
    let (mut count, mut within) = (0, 0);
    let mut compare = |right: &[f64], found: &[f64], errors: &[f64]| {
        for ((right, found), error) in right.iter().zip(found).zip(errors) {
            count += 1;
            within += u32::from((found - right).abs() <= 3.0 * error);
        }
    };
    for seed in 0..10 {
        let mut draws = Draws::new(seed);
        for (model, parameters, customers) in [
            (Model::MbgNbd, [0.8, 6.0, 0.8, 2.5], 1_500),
            (Model::BgNbd, [0.7, 5.0, 0.8, 2.5], 1_500),
            (Model::ParetoNbd, [0.8, 8.0, 0.7, 15.0], 700),
        ] {
            let cells: Vec<Cell> =
                (0..customers).map(|i| draws.customer(model, parameters, 40.0 + f64::from(i % 40))).collect();
            let fit = model.fit(&cells).expect("a fit");
            compare(&parameters, &fit.parameters, &fit.standard_errors());
        }
        let [p, q, v] = [5.0, 4.0, 60.0];
        let spenders: Vec<Spender> = (0..1_000)
            .map(|i| {
                let (x, rate) = (1 + i % 6, draws.gamma(q, v));
                let sum: f64 = (0..x).map(|_| draws.gamma(p, rate)).sum();
                Spender { x, mean: sum / f64::from(x) }
            })
            .collect();
        let spend = Spend::fit(&spenders).expect("a fit");
        compare(&[p, q, v], &spend.parameters, &spend.standard_errors());
    }
    assert_eq!(count, 150);
    assert!(f64::from(within) >= 0.97 * f64::from(count), "{within} of {count}");
}
