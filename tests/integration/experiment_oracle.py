"""Reads raw customers (arm, converted, y, x) as JSON, prints what SciPy,
statsmodels and gbstats say of arm b against a. Run by the Python of the venv
that tools/install-deps makes."""

import json
import sys

import numpy as np
from gbstats.frequentist.tests import (FrequentistConfig, SequentialConfig,
                                       SequentialTwoSidedTTest, TwoSidedTTest)
from gbstats.models.statistics import (ProportionStatistic,
                                       RegressionAdjustedStatistic,
                                       SampleMeanStatistic, compute_theta)
from scipy import stats
from statsmodels.stats.proportion import (confint_proportions_2indep,
                                          proportions_ztest)
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

table = json.load(sys.stdin)
n, won, y, x = {}, {}, {}, {}
for arm in "ab":
    of = [row for row in table if row[0] == arm]
    n[arm] = len(of)
    won[arm] = sum(row[1] for row in of)
    y[arm] = np.array([row[2] for row in of])
    x[arm] = np.array([row[3] for row in of])
out = {}

# conversion rate: b - a
counts, sizes = [won["b"], won["a"]], [n["b"], n["a"]]
out["z"], out["p_value"] = proportions_ztest(counts, sizes)
for name, method in (("wald_", "wald"), ("", "newcomb")):
    low, high = confint_proportions_2indep(
        won["b"], n["b"], won["a"], n["a"], method=method)
    out[f"difference_{name}low"], out[f"difference_{name}high"] = low, high

# revenue per customer
welch = stats.ttest_ind(y["b"], y["a"], equal_var=False)
out["t"], out["revenue_p_value"], out["df"] = \
    welch.statistic, welch.pvalue, welch.df
out["revenue_difference_low"], out["revenue_difference_high"] = CompareMeans(
    DescrStatsW(y["b"]), DescrStatsW(y["a"])).tconfint_diff(
        usevar="unequal")


def lifts(a, b, name):
    fixed = TwoSidedTTest(a, b, FrequentistConfig(
        difference_type="relative")).compute_result()
    always = SequentialTwoSidedTTest(a, b, SequentialConfig(
        difference_type="relative")).compute_result()
    out[f"{name}_lift"] = fixed.expected
    out[f"{name}_lift_p"] = fixed.p_value
    out[f"{name}_lift_low"], out[f"{name}_lift_high"] = always.ci
    out[f"{name}_sequential_p"] = always.p_value
    return fixed


lifts(ProportionStatistic(n["a"], won["a"]),
      ProportionStatistic(n["b"], won["b"]), "rate")


def means(v):
    return SampleMeanStatistic(len(v), float(v.sum()), float((v * v).sum()))


fixed = lifts(means(y["a"]), means(y["b"]), "revenue")
out["revenue_lift_fixed_low"], out["revenue_lift_fixed_high"] = fixed.ci


def adjusted(arm, theta):
    return RegressionAdjustedStatistic(
        n[arm], means(y[arm]), means(x[arm]),
        float((x[arm] * y[arm]).sum()), theta)


theta = compute_theta(adjusted("a", 0), adjusted("b", 0))
out["cuped_theta"] = theta
lifts(adjusted("a", theta), adjusted("b", theta), "cuped")

# split, and Bayes by integrating over the grid of quantiles
chi2 = stats.chisquare([n["a"], n["b"]])
out["srm_chi2"], out["srm_p"] = chi2.statistic, chi2.pvalue
a = stats.beta(1 + won["a"], 1 + n["a"] - won["a"])
b = stats.beta(1 + won["b"], 1 + n["b"] - won["b"])
grid = np.linspace(0, 1, 400_001)
out["chance_to_win"] = np.trapz(b.pdf(grid) * a.cdf(grid), grid)
# E max(A - B, 0) = integral of P(B < t < A)
out["loss"] = np.trapz(b.cdf(grid) * a.sf(grid), grid)
out["loss_control"] = np.trapz(a.cdf(grid) * b.sf(grid), grid)
json.dump({key: float(value) for key, value in out.items()}, sys.stdout)
