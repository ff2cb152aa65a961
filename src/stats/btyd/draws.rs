//! Random shops that follow the models, for tests.

use super::{Cell, Model};

/// A source of random numbers and customers.
pub struct Draws(pub fastrand::Rng);

impl Draws {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A draw from an exponential distribution.
    pub fn exponential(&mut self, rate: f64) -> f64 {
        -(1.0 - self.0.f64()).ln() / rate
    }

    /// A draw from a gamma distribution (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000).
    pub fn gamma(&mut self, shape: f64, rate: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0, rate) * self.0.f64().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let normal =
                (-2.0 * (1.0 - self.0.f64()).ln()).sqrt() * (std::f64::consts::TAU * self.0.f64()).cos();
            let v = (1.0 + normal / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && (1.0 - self.0.f64()).ln() < 0.5 * normal * normal + d - d * v + d * v.ln() {
                return d * v / rate;
            }
        }
    }

    /// A draw from a beta distribution.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (of, with) = (self.gamma(a, 1.0), self.gamma(b, 1.0));
        of / (of + with)
    }

    /// A random customer of the model, watched for the time `t`.
    pub fn customer(&mut self, model: Model, parameters: [f64; 4], t: f64) -> Cell {
        let repeats = self.repeats(model, parameters, t);
        Cell { x: repeats.len() as u32, t_x: repeats.last().copied().unwrap_or(0.0), t, count: 1 }
    }

    /// The times of a customer's repeats up to `t` after the first order.
    pub fn repeats(&mut self, model: Model, [r, alpha, of, with]: [f64; 4], t: f64) -> Vec<f64> {
        let rate = self.gamma(r, alpha);
        let (stops, end) = match model {
            Model::ParetoNbd => {
                let rate = self.gamma(of, with);
                (0.0, self.exponential(rate).min(t))
            }
            _ => (self.beta(of, with), t),
        };
        let (mut times, mut last) = (Vec::new(), 0.0);
        if model == Model::MbgNbd && self.0.f64() < stops {
            return times;
        }
        loop {
            last += self.exponential(rate);
            if last > end {
                return times;
            }
            times.push(last);
            if self.0.f64() < stops {
                return times;
            }
        }
    }
}
