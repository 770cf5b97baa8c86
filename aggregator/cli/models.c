/* afterclick models - the attribution models and what they do. */
#include "aggregator/models/models.h"

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/table.h"
#include "common/json.h"

struct options {
	bool json;
};

static const struct options_row rows[] = { { "json", OPTIONS_FLAG,
					       offsetof(struct options, json),
					       .help = "as JSON" },
	{ NULL } };

static const struct options_command command = { "models [--json]",
	"Lists the attribution models.", rows, 0, 0 };

static void
show_json(struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_array(&w);
	for (int i = 0; i < MODEL_ALL; i++) {
		json_begin_object(&w);
		json_key(&w, STR("model"));
		json_string(&w, str_of(models[i]->name));
		json_key(&w, STR("summary"));
		json_string(&w, str_of(models[i]->summary));
		json_end_object(&w);
	}
	json_end_array(&w);
	buf_add_char(out, '\n');
}

static void
show_table(struct buf *out)
{
	struct table *t = table_new();

	table_column(t, "model", false);
	table_column(t, "summary", false);
	for (int i = 0; i < MODEL_ALL; i++) {
		table_cell(t, str_of(models[i]->name));
		table_cell(t, str_of(models[i]->summary));
	}
	table_show(t, table_colour(), out);
	table_free(t);
}

int
cli_models(int argc, char **argv, const struct cli *cli)
{
	struct options opt = { false };
	struct operands operands;
	struct buf out = { 0 };
	int code;

	(void)cli;
	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (opt.json)
		show_json(&out);
	else
		show_table(&out);
	return context_print(&out);
}
