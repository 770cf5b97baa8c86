/*
 * removal.c - removal effects, by linear algebra.
 *
 * With y = (I-Q)^-1 r the chance of a conversion from each state, removing a
 * channel asks for the same with its states S taken out. Two ways, whichever
 * is the cheaper:
 *
 * Few states (order 1): N = (I-Q)^-1 once, by LU; what the paths through S
 * convert is then x_S' (N_SS)^-1 y_S, a system as small as S, with x the
 * visits: of a chain made from paths they are the counted ones.
 *
 * Many states: a chain of order 2 or 3 joins every state of a channel with
 * every one that begins with it, so its factors fill up (10^4 states of 100
 * channels: 800 MB). There the systems of all channels are solved side by
 * side by Gauss-Seidel sweeps, each followed by scaling a channel's solution
 * so that the conversions balance, which takes out the slow common part. For
 * these matrices sweeps converge always, and the last change D bounds the
 * error: by D times the mean length of a path.
 */
#include <math.h>
#include <stdlib.h>

#include "aggregator/models/chain.h"
#include "common/str.h"

#define SIDE 16 /* channels solved at a time */
#define PRECISION 1e-12
#define ROUNDING 4e-16
#define SWEEPS_MAX 100000
#define SCALINGS_MAX 64
#define DENSE_MAX 2048
#define SELF_CHECK 1e-9

/* --- few states ----------------------------------------------------------- */

/* A of N x N, row by row, becomes its inverse. A row-dominant M-matrix needs
 * no pivoting. */
static void
invert(double *a, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		double pivot = 1 / a[k * n + k];

		a[k * n + k] = 1;
		for (size_t j = 0; j < n; j++)
			a[k * n + j] *= pivot;
		for (size_t i = 0; i < n; i++) {
			double f = a[i * n + k];

			if (i == k || f == 0)
				continue;
			a[i * n + k] = 0;
			for (size_t j = 0; j < n; j++)
				a[i * n + j] -= f * a[k * n + j];
		}
	}
}

/* Solves A z = B in place of B, with pivoting; A is destroyed. */
static void
solve(double *a, double *b, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		size_t best = k;

		for (size_t i = k + 1; i < n; i++) {
			if (fabs(a[i * n + k]) > fabs(a[best * n + k]))
				best = i;
		}
		for (size_t j = k; best != k && j < n; j++) {
			double t = a[k * n + j];

			a[k * n + j] = a[best * n + j];
			a[best * n + j] = t;
		}
		if (best != k) {
			double t = b[k];

			b[k] = b[best];
			b[best] = t;
		}
		for (size_t i = k + 1; i < n; i++) {
			double f = a[i * n + k] / a[k * n + k];

			for (size_t j = k + 1; f != 0 && j < n; j++)
				a[i * n + j] -= f * a[k * n + j];
			b[i] -= f * b[k];
		}
	}
	for (size_t k = n; k-- > 0;) {
		for (size_t j = k + 1; j < n; j++)
			b[k] -= a[k * n + j] * b[j];
		b[k] /= a[k * n + k];
	}
}

static double
by_inverse(const struct chain *c, size_t channels, double *effect)
{
	size_t n = c->states;
	double *inverse = mem_zero(n * n, sizeof(*inverse));
	double *y = mem_zero(n, sizeof(*y)), *z = mem_alloc(n * sizeof(*z));
	double *small = mem_alloc(n * n * sizeof(*small)), rate = 0;
	size_t *of = mem_alloc(n * sizeof(*of));

	for (size_t s = 0; s < n; s++) {
		inverse[s * n + s] = 1;
		for (size_t e = c->first[s]; e < c->first[s + 1]; e++)
			inverse[s * n + c->to[e]] -= c->chance[e];
	}
	invert(inverse, n);
	for (size_t s = 0; s < n; s++) {
		for (size_t t = 0; t < n; t++)
			y[s] += inverse[s * n + t] * c->converts[t];
		rate += c->start[s] * y[s];
	}
	for (size_t k = 0; k < channels; k++) {
		size_t m = 0;
		double lost = 0;

		for (size_t s = 0; s < n; s++) {
			if (chain_has(c, s, (int32_t)k))
				of[m++] = s;
		}
		for (size_t i = 0; i < m; i++) {
			z[i] = y[of[i]];
			for (size_t j = 0; j < m; j++)
				small[i * m + j] = inverse[of[i] * n + of[j]];
		}
		solve(small, z, m);
		for (size_t i = 0; i < m; i++)
			lost += c->visits[of[i]] * z[i];
		effect[k] = lost / c->rate;
	}
	free(inverse);
	free(y);
	free(z);
	free(small);
	free(of);
	return rate;
}

/* --- many states ---------------------------------------------------------- */

/* Channels first..first + SIDE; the one behind the last is none: the chain as
 * it is. */
struct side {
	const struct chain *c;
	size_t first;
	double (*x)[SIDE];    /* the solutions, by state; 0 where taken out */
	double (*flow)[SIDE]; /* what comes from outside: x . flow = balance */
	double balance[SIDE];
};

/* Zeroes what is of channels that state S contains. */
static void
take_out(const struct side *d, size_t s, double *of)
{
	const struct chain *c = d->c;

	for (int i = 0; i < c->order; i++) {
		int32_t k = c->gram[s * (size_t)c->order + (size_t)i];

		if (k >= 0 && (size_t)k >= d->first &&
		    (size_t)k < d->first + SIDE)
			of[(size_t)k - d->first] = 0;
	}
}

static void
prepare(struct side *d)
{
	const struct chain *c = d->c;

	for (int k = 0; k < SIDE; k++)
		d->balance[k] = 0;
	for (size_t s = 0; s < c->states; s++) {
		for (int k = 0; k < SIDE; k++) {
			d->x[s][k] = c->rate;
			d->flow[s][k] = c->start[s];
		}
		take_out(d, s, d->x[s]);
	}
	for (size_t s = 0; s < c->states; s++) {
		double in[SIDE], out[SIDE];
		bool any = false;

		for (int k = 0; k < SIDE; k++)
			in[k] = 1;
		take_out(d, s, in);
		for (int k = 0; k < SIDE; k++) {
			d->balance[k] += in[k] * c->visits[s] * c->converts[s];
			out[k] = 1 - in[k];
			any = any || out[k] != 0;
		}
		if (!any)
			continue;
		for (size_t e = c->first[s]; e < c->first[s + 1]; e++) {
			for (int k = 0; k < SIDE; k++)
				d->flow[c->to[e]][k] +=
				    out[k] * c->visits[s] * c->chance[e];
		}
	}
}

/* x = Qx + r, state by state; the largest change. */
static double
sweep(struct side *d)
{
	const struct chain *c = d->c;
	double most[SIDE] = { 0 }, change = 0;

	for (size_t s = c->states; s-- > 0;) {
		double sum[SIDE];

		for (int k = 0; k < SIDE; k++)
			sum[k] = c->converts[s];
		for (size_t e = c->first[s]; e < c->first[s + 1]; e++) {
			const double *x = d->x[c->to[e]];
			double chance = c->chance[e];

			for (int k = 0; k < SIDE; k++)
				sum[k] += chance * x[k];
		}
		take_out(d, s, sum);
		for (int k = 0; k < SIDE; k++) {
			double by = fabs(sum[k] - d->x[s][k]);

			most[k] = by > most[k] ? by : most[k];
			d->x[s][k] = sum[k];
		}
	}
	for (int k = 0; k < SIDE; k++)
		change = most[k] > change ? most[k] : change;
	return change;
}

static void
rescale(struct side *d)
{
	const struct chain *c = d->c;
	double sum[SIDE] = { 0 };

	for (size_t s = 0; s < c->states; s++) {
		for (int k = 0; k < SIDE; k++)
			sum[k] += d->flow[s][k] * d->x[s][k];
	}
	for (int k = 0; k < SIDE; k++)
		sum[k] = sum[k] > 0 ? d->balance[k] / sum[k] : 1;
	for (size_t s = 0; s < c->states; s++) {
		for (int k = 0; k < SIDE; k++)
			d->x[s][k] *= sum[k];
	}
}

static bool
by_sweeps(const struct chain *c, size_t channels, double *effect, double *rate,
    struct error *err)
{
	double enough = PRECISION * c->rate / c->length;
	struct side d = { .c = c };
	bool ok = true;

	if (enough < ROUNDING)
		enough = ROUNDING;
	d.x = mem_alloc(c->states * sizeof(*d.x));
	d.flow = mem_alloc(c->states * sizeof(*d.flow));
	for (d.first = 0; ok && d.first <= channels; d.first += SIDE) {
		int sweeps = 0;

		prepare(&d);
		while (ok && sweep(&d) > enough) {
			if (sweeps++ < SCALINGS_MAX)
				rescale(&d);
			else
				ok = sweeps < SWEEPS_MAX;
		}
		for (size_t k = d.first; k < d.first + SIDE && k <= channels;
		     k++) {
			double converts = 0;

			for (size_t s = 0; s < c->states; s++)
				converts += c->start[s] * d.x[s][k - d.first];
			if (k == channels)
				*rate = converts;
			else
				effect[k] = 1 - converts / c->rate;
		}
	}
	free(d.x);
	free(d.flow);
	return ok || error_set(err, ERROR_REJECT,
			 "the Markov chain does not settle within %d sweeps: "
			 "its paths are too long for order %d, take 1",
			 SWEEPS_MAX, c->order);
}

bool
learn_removal(const struct learn_paths *paths, int order, double *effect,
    double *rate, struct error *err)
{
	size_t channels = paths->channels;
	struct chain c;
	double n;
	bool ok;

	ok = chain_make(paths, order, &c, err);
	n = (double)c.states;
	if (ok && c.states <= DENSE_MAX &&
	    n * n * n <= 10 * (double)c.edges * (double)channels)
		*rate = by_inverse(&c, channels, effect);
	else if (ok)
		ok = by_sweeps(&c, channels, effect, rate, err);
	if (ok && !(fabs(*rate - c.rate) <= SELF_CHECK * c.rate))
		ok = error_set(err, ERROR_FATAL,
		    "the Markov chain converts %.12g of the paths, counted are "
		    "%.12g: this is a bug, please report it",
		    *rate, c.rate);
	for (size_t k = 0; ok && k < channels; k++)
		effect[k] = effect[k] < 0 ? 0 : effect[k] > 1 ? 1 : effect[k];
	chain_free(&c);
	return ok;
}
