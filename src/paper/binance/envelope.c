#include "paper/binance/envelope.h"

bool binance_read_api_request(keel_str text, struct keel_arena *arena,
                              struct binance_api_request *request)
{
    struct keel_json json;
    keel_str key;

    request->id = KEEL_STR("null");
    request->method = (keel_str){0};
    request->params.count = 0;
    keel_json_init(&json, text);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("id")))
            keel_json_raw(&json, &request->id);
        else if (keel_str_equals(key, KEEL_STR("method")))
            keel_json_read_string(&json, arena, &request->method);
        else if (!keel_str_equals(key, KEEL_STR("params")))
            keel_json_skip(&json);
        else if (binance_params_read_object(&request->params, &json, arena) != BINANCE_PARAMS_FINE)
            keel_json_fail(&json, "parameters that are not an object, or too many");
    }
    return keel_json_finish(&json, NULL) == KEEL_OK;
}

void binance_put_limit(struct keel_writer *json, const char *type, const char *interval,
                       int interval_count, int limit, int count)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "rateLimitType", type);
    keel_json_put_text(json, "interval", interval);
    keel_json_put_int(json, "intervalNum", interval_count);
    keel_json_put_int(json, "limit", limit);
    keel_json_put_int(json, "count", count);
    keel_json_close_object(json);
}
