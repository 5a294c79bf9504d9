"""Computes statistics with published implementations, for the test beside it to compare with.

Standard input: a list of [name, arguments]. Standard output: a list of the same length, each a list of
numbers. `sequences` and `asymptotic` need confseq, everything else statsmodels, scikit-learn, krippendorff and ppi-python.
"""

import json
import sys

import numpy as np


def proportion(count, n, method, alpha):
    from statsmodels.stats.proportion import proportion_confint

    return proportion_confint(count, n, alpha=alpha, method=method)


def clustered(values, clusters):
    import statsmodels.api as sm
    from scipy import stats

    fit = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": np.array(clusters)}, use_t=True
    )
    degrees = len(set(clusters)) - 1
    return fit.params[0], fit.bse[0], stats.t.ppf(0.975, degrees)


def alone(values):
    from scipy import stats

    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    return low, high


def mcnemar(gained, lost):
    from statsmodels.stats.contingency_tables import mcnemar

    return [mcnemar([[5, gained], [lost, 7]], exact=True).pvalue]


def multiple(probabilities, method):
    from statsmodels.stats.multitest import multipletests

    return multipletests(probabilities, method=method)[1]


def kappa(pairs, weights):
    from sklearn.metrics import cohen_kappa_score
    from statsmodels.stats.inter_rater import cohens_kappa, to_table

    first, second = np.array(pairs).T
    size = int(max(first.max(), second.max())) + 1
    table = np.zeros((size, size))
    for a, b in pairs:
        table[a, b] += 1
    found = cohens_kappa(table, wt=weights)
    sk = cohen_kappa_score(first, second, weights=weights)
    return found.kappa, found.std_kappa, sk


def alpha(units, level):
    import krippendorff

    width = max(map(len, units))
    table = [[unit[i] if i < len(unit) else np.nan for unit in units] for i in range(width)]
    return [krippendorff.alpha(reliability_data=table, level_of_measurement=level)]


def ppi(human, judge, rest, trust):
    from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

    arrays = [np.array(values) for values in (human, judge, rest)]
    point = ppi_mean_pointestimate(*arrays, lam=trust)
    low, high = ppi_mean_ci(*arrays, alpha=0.05, lam=trust)
    return [float(np.ravel(value)[0]) for value in (point, low, high)]


def paired_ppi(before, after, judged_before, judged_after, rest_before, rest_after):
    from ppi_py import ppi_mean_pval

    difference = [np.subtract(*pair) for pair in ((after, before), (judged_after, judged_before), (rest_after, rest_before))]
    found = ppi(*difference, None)
    p = ppi_mean_pval(*difference, null=0, alternative="two-sided")
    return [*found, float(np.ravel(p)[0])]


def bonett_price(gained, lost, n):
    from scipy import stats

    # Bonett and Price (2012): Wald's interval for the differences, with one more of either kind.
    differences = np.repeat([1.0, -1.0, 0.0], [gained + 1, lost + 1, n - gained - lost])
    half = stats.norm.ppf(0.975) * np.std(differences) / np.sqrt(n + 2)
    return np.clip([differences.mean() - half, differences.mean() + half], -1, 1)


def rogan_gladen(share, of, found, positives, left, negatives):
    from scipy.differentiate import jacobian

    def rate(shares):
        judged, sensitivity, specificity = shares
        return (judged + specificity - 1) / (sensitivity + specificity - 1)

    # The standard error by the delta method, its slopes taken numerically.
    shares = np.array([share, found / positives, left / negatives])
    slopes = jacobian(lambda at: np.array([rate(at)]), shares).df[0]
    variances = shares * (1 - shares) / np.array([of, positives, negatives])
    return rate(shares), np.sqrt(np.sum(slopes**2 * variances))


def power(rate, difference):
    from statsmodels.stats.power import NormalIndPower, normal_sample_size_one_tail

    first, second = rate, rate + difference
    mean = (first + second) / 2
    null = np.sqrt(2 * mean * (1 - mean))
    alternative = np.sqrt(first * (1 - first) + second * (1 - second))
    size = normal_sample_size_one_tail(difference, 0.8, 0.025, null, alternative)
    equal = NormalIndPower().solve_power(difference / np.sqrt(mean * (1 - mean)), power=0.8, alpha=0.05)
    return size, equal


def paired_power(discordance, difference):
    from statsmodels.stats.power import normal_sample_size_one_tail

    spread = np.sqrt(discordance - difference**2)
    return [normal_sample_size_one_tail(difference, 0.8, 0.025, np.sqrt(discordance), spread)]


def repeated_power(between, within, repeats, difference):
    from statsmodels.stats.power import normal_sample_size_one_tail

    spread = np.sqrt(between + within[0] / repeats[0] + within[1] / repeats[1])
    return [normal_sample_size_one_tail(difference, 0.8, 0.025, spread, spread)]


def passes(tries, successes, k):
    from scipy import stats

    drawn = stats.hypergeom(tries, successes, k)
    return drawn.sf(0), drawn.pmf(k)


def mixture(successes, n):
    from scipy import optimize, stats

    # Ville's inequality: a rate is left out where all rates alike explain what was seen 20 times better.
    def surprise(rate):
        return stats.betabinom.logpmf(successes, n, 1, 1) - stats.binom.logpmf(successes, n, rate) - np.log(20)

    value, tiny = successes / n, 1e-13
    low = optimize.brentq(surprise, tiny, value, xtol=1e-13) if successes else 0.0
    high = optimize.brentq(surprise, value, 1 - tiny, xtol=1e-13) if successes < n else 1.0
    return low, high


def asymptotic(values, planned):
    from confseq.boundaries import normal_mixture_bound

    n, deviation = len(values), np.std(values)
    half = deviation * normal_mixture_bound(n, 0.05, planned, 0.05, is_one_sided=False) / n
    return np.mean(values) - half, np.mean(values) + half


def sequences(scores):
    from confseq.betting import hedged_cs
    from confseq.predmix import predmix_empbern_twosided_cs

    scores = np.array(scores)
    bernstein = predmix_empbern_twosided_cs(scores, alpha=0.05)
    hedged = hedged_cs(scores, alpha=0.05, breaks=10_000, running_intersection=False)
    return [float(end[-1]) for end in (*bernstein, *hedged)]


asked = json.load(sys.stdin)
answers = [[float(value) for value in globals()[name](*arguments)] for name, arguments in asked]
json.dump(answers, sys.stdout)
