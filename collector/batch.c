/*
 * batch.c - all or nothing is not what senders need: one bad event must not
 * cost its neighbours.
 */
#include "collector/batch.h"

bool
batch_read(struct request *r, size_t most, struct batch *b)
{
	const struct json *root, *events;
	struct error err;
	struct str body;

	*b = (struct batch){ 0 };
	if (!request_is_json(r)) {
		request_refused(r, NULL, METRIC_REJECTED_JSON, 1);
		return false;
	}
	if (!request_body(r, &body))
		return false;
	root = json_read(r->arena, body, &err);
	if (root == NULL) {
		request_refused(r, NULL, METRIC_REJECTED_JSON, 1);
		request_refuse(r, 400, err.text);
		return false;
	}
	events = json_find(root, "events");
	b->first = root;
	b->count = 1;
	if (events != NULL) {
		b->first = events->child;
		b->count = events->count;
	}
	if (root->type != JSON_OBJECT ||
	    (events != NULL && events->type != JSON_ARRAY)) {
		request_refused(r, NULL, METRIC_REJECTED_JSON, 1);
		request_refuse(
		    r, 400, "the body must be one event or {\"events\":[...]}");
		return false;
	}
	if (b->count == 0) {
		request_refused(r, NULL, METRIC_REJECTED_JSON, 1);
		request_refuse(r, 400, "events is empty");
		return false;
	}
	if (b->count > most) {
		request_refused(r, NULL, METRIC_REJECTED_SIZE, b->count);
		request_refuse(r, 413, "too many events in one request");
		return false;
	}
	return true;
}

void
batch_refuse(struct request *r, struct batch *b, size_t index,
    const struct site *site, const struct record *rec,
    const struct hit_refusal *no)
{
	struct buf reason = { 0 };
	int status = request_status(no);

	if (b->refused++ == 0) {
		b->list = json_write(&b->report);
		json_begin_array(&b->list);
	}
	if (status > b->worst)
		b->worst = status;
	request_verdict(r, site, rec, no);
	buf_printf(
	    &reason, "%s%s%s", no->field, no->field[0] ? " " : "", no->why);
	json_begin_object(&b->list);
	json_key(&b->list, STR("index"));
	json_int(&b->list, (int64_t)index);
	json_key(&b->list, STR("reason"));
	json_string(&b->list, buf_str(&reason));
	json_end_object(&b->list);
	buf_free(&reason);
}

void
batch_take(
    struct request *r, struct batch *b, size_t index, const struct json *event)
{
	struct record rec;
	struct hit_refusal no;
	const struct site *site;

	if (!hit_from_json(&r->context, event, &rec, &site, &no) ||
	    !request_take(r, site, &rec, &no))
		batch_refuse(r, b, index, site, &rec, &no);
}

void
batch_answer(struct request *r, struct batch *b, int quiet)
{
	struct json_writer w;
	int status = quiet == 204 && b->refused == 0 ? 204 : 200;

	/* Nothing taken: a browser's answer says what a single hit's would;
	 * a server reads the list unless it has to send all of it again. */
	if (r->accepted == 0 && (quiet == 204 || b->worst == 503))
		status = b->worst;
	if (status == 204) {
		request_answer(r, status, STR_EMPTY);
		return;
	}
	if (b->refused > 0)
		json_end_array(&b->list);
	r->shared->scratch.len = 0;
	w = json_write(&r->shared->scratch);
	json_begin_object(&w);
	json_key(&w, STR("accepted"));
	json_int(&w, (int64_t)r->accepted);
	json_key(&w, STR("rejected"));
	json_raw(&w, b->refused > 0 ? buf_str(&b->report) : STR("[]"));
	json_end_object(&w);
	exchange_header(r->exchange, "Content-Type", STR("application/json"));
	request_retry_after(r, status);
	request_answer(r, status, buf_str(&r->shared->scratch));
}
