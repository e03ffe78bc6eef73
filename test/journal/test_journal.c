#include "journal/journal.h"
#include "keel/journal.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/keel-journal-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int name_file(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "%s/main.db", folder);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char name[80];
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        (void)unlink(name);
    }
    return 0;
}

static struct keel_journal *open_as(const char *account, struct keel_error *error)
{
    struct keel_journal_config config = {
        .path = path, .venue = "binance", .account = account, .number_first = 5};
    return keel_journal_open(&config, error);
}

static struct keel_journal *open_journal(void)
{
    struct keel_error error = {0};
    struct keel_journal *journal = open_as("main", &error);
    if (journal == NULL)
        print_message("%s\n", error.message);
    assert_non_null(journal);
    return journal;
}

static void append(struct keel_journal *journal, const struct keel_record *record)
{
    struct keel_error error = {0};
    if (keel_journal_append(journal, record, &error) != KEEL_OK)
        fail_msg("%s", error.message);
}

static void commit(struct keel_journal *journal)
{
    assert_int_equal(keel_journal_commit(journal, NULL), KEEL_OK);
}

static struct keel_record make_intent(uint64_t number)
{
    struct keel_record record = {.kind = KEEL_RECORD_INTENT};
    struct keel_intent *intent = &record.intent;
    intent->number = number;
    intent->time_ms = 1000 + (int64_t)number;
    intent->expires_ms = 3000 + (int64_t)number;
    strcpy(intent->symbol, "BTC/USDT:USDT");
    intent->command.kind = KEEL_PLACE_ORDER;
    struct keel_order_request *place = &intent->command.place;
    *place = keel_order_request_init();
    place->side = KEEL_SELL;
    place->position_side = KEEL_NET;
    place->type = KEEL_STOP_LIMIT;
    place->time_in_force = KEEL_GTC;
    place->trigger_source = KEEL_TRIGGER_MARK;
    place->reduce_only = true;
    place->quantity = keel_decimal_from_text("0.003");
    place->price = keel_decimal_from_text("64000.1");
    place->trigger_price = keel_decimal_from_text("64100.2");
    snprintf(place->client_id, sizeof(place->client_id), "k-%llu", (unsigned long long)number);
    return record;
}

static struct keel_record make_verdict(uint64_t number, enum keel_fate fate)
{
    struct keel_record record = {.kind = KEEL_RECORD_OUTCOME};
    record.verdict.number = number;
    record.verdict.fate = fate;
    record.verdict.time_ms = 2000;
    strcpy(record.verdict.order_id, "771");
    return record;
}

static struct keel_record make_execution(const char *trade_id, int64_t time_ms)
{
    struct keel_record record = {.kind = KEEL_RECORD_EXECUTION, .symbol = "BTC/USDT:USDT"};
    struct keel_execution *execution = &record.execution;
    execution->side = KEEL_BUY;
    snprintf(execution->trade_id, sizeof(execution->trade_id), "%s", trade_id);
    execution->price = keel_decimal_from_text("64000.100000000000000001");
    execution->quantity = keel_decimal_from_text("0.003");
    execution->fee = KEEL_DECIMAL_ABSENT;
    execution->realized_pnl = KEEL_DECIMAL_ZERO;
    execution->time_ms = time_ms;
    return record;
}

static struct keel_record make_funding(const char *symbol, const char *id, const char *amount)
{
    struct keel_record record = {.kind = KEEL_RECORD_INCOME};
    snprintf(record.symbol, sizeof(record.symbol), "%s", symbol);
    record.income.kind = KEEL_INCOME_FUNDING;
    strcpy(record.income.name, "FUNDING_FEE");
    strcpy(record.income.asset, "USDT");
    record.income.amount = keel_decimal_from_text(amount);
    snprintf(record.income.id, sizeof(record.income.id), "%s", id);
    record.income.time_ms = 8000;
    return record;
}

/* How many rows a list has; the last is kept as text, columns joined by "|". */
static int count_rows(enum keel_journal_list list, int64_t since_ms, char *last, size_t last_size)
{
    struct keel_error error = {0};
    struct keel_journal_row row;
    struct keel_journal_reader *reader = keel_journal_read(path, list, since_ms, &error);
    if (reader == NULL)
        fail_msg("%s", error.message);
    int count = 0;
    while (keel_journal_next(reader, &row, &error) == KEEL_OK) {
        size_t used = 0;
        for (int i = 0; i < row.count && used < last_size; i++)
            used += (size_t)snprintf(last + used, last_size - used, "%s|",
                                     row.values[i] != NULL ? row.values[i] : "");
        count++;
    }
    keel_journal_reader_free(reader);
    return count;
}

static int count(enum keel_journal_list list)
{
    char last[1024];
    return count_rows(list, 0, last, sizeof(last));
}

static void an_intent_comes_back_as_it_left(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    struct keel_record record = make_intent(7);
    append(journal, &record);
    keel_journal_close(journal);

    journal = open_journal();
    const struct keel_journal_start *start = keel_journal_start(journal);
    assert_int_equal(start->unsettled_count, 1);
    const struct keel_intent *intent = &start->unsettled[0];
    assert_int_equal(intent->number, 7);
    assert_int_equal(intent->time_ms, 1007);
    assert_int_equal(intent->expires_ms, 3007);
    assert_string_equal(intent->symbol, "BTC/USDT:USDT");
    const struct keel_order_request *place = &intent->command.place;
    assert_int_equal(intent->command.kind, KEEL_PLACE_ORDER);
    assert_int_equal(place->side, KEEL_SELL);
    assert_int_equal(place->position_side, KEEL_NET);
    assert_int_equal(place->type, KEEL_STOP_LIMIT);
    assert_int_equal(place->time_in_force, KEEL_GTC);
    assert_int_equal(place->trigger_source, KEEL_TRIGGER_MARK);
    assert_true(place->reduce_only);
    assert_false(place->close_position);
    assert_true(keel_decimal_equals(place->quantity, keel_decimal_from_text("0.003")));
    assert_true(keel_decimal_equals(place->price, keel_decimal_from_text("64000.1")));
    assert_true(keel_decimal_equals(place->trigger_price, keel_decimal_from_text("64100.2")));
    assert_false(keel_decimal_is_valid(place->callback_percent));
    assert_string_equal(place->client_id, "k-7");
    assert_int_equal(start->symbol_count, 1);
    assert_int_equal(start->first_intent_ms, 1007);
    keel_journal_close(journal);
}

static void every_kind_of_write_comes_back(void **state)
{
    (void)state;
    static const struct keel_command commands[] = {
        {.kind = KEEL_AMEND_ORDER,
         .amend = {.order = {.family = KEEL_FAMILY_REGULAR, .order_id = "9", .client_id = "c"},
                   .side = KEEL_BUY,
                   .quantity = {1, 0},
                   .price = {2, 0}}                                                                 },
        {.kind = KEEL_CANCEL_ORDER,    .order = {.family = KEEL_FAMILY_CONDITIONAL, .order_id = "9"}},
        {.kind = KEEL_CANCEL_ALL,      .order = {.family = KEEL_FAMILY_REGULAR}                     },
        {.kind = KEEL_SET_LEVERAGE,    .leverage = {.leverage = 20}                                 },
        {.kind = KEEL_SET_MARGIN_MODE, .margin_mode = {.mode = KEEL_ISOLATED}                       },
        {.kind = KEEL_ADJUST_MARGIN,
         .margin = {.side = KEEL_LONG,
                    .amount = {5, 0},
                    .quantity_before = {6, 0},
                    .wallet_before = {7, 0}}                                                        },
        {.kind = KEEL_SET_HEDGE_MODE,  .enable = true                                               },
        {.kind = KEEL_SET_MULTI_ASSET, .enable = false                                              },
    };
    enum { COUNT = sizeof(commands) / sizeof(commands[0]) };
    struct keel_journal *journal = open_journal();
    for (size_t i = 0; i < COUNT; i++) {
        struct keel_record record = {.kind = KEEL_RECORD_INTENT};
        record.intent = (struct keel_intent){.number = i + 1, .command = commands[i]};
        append(journal, &record);
    }
    keel_journal_close(journal);

    journal = open_journal();
    const struct keel_journal_start *start = keel_journal_start(journal);
    assert_int_equal(start->unsettled_count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const struct keel_command *command = &start->unsettled[i].command;
        assert_int_equal(command->kind, commands[i].kind);
        assert_int_equal(start->unsettled[i].number, i + 1);
    }
    const struct keel_amend *amend = &start->unsettled[0].command.amend;
    assert_string_equal(amend->order.order_id, "9");
    assert_string_equal(amend->order.client_id, "c");
    assert_int_equal(amend->order.family, KEEL_FAMILY_REGULAR);
    assert_int_equal(amend->side, KEEL_BUY);
    assert_int_equal(amend->quantity.low, 1);
    assert_int_equal(amend->price.low, 2);
    assert_int_equal(start->unsettled[1].command.order.family, KEEL_FAMILY_CONDITIONAL);
    assert_int_equal(start->unsettled[2].command.order.family, KEEL_FAMILY_REGULAR);
    assert_int_equal(start->unsettled[3].command.leverage.leverage, 20);
    assert_int_equal(start->unsettled[4].command.margin_mode.mode, KEEL_ISOLATED);
    assert_int_equal(start->unsettled[5].command.margin.side, KEEL_LONG);
    assert_int_equal(start->unsettled[5].command.margin.amount.low, 5);
    assert_int_equal(start->unsettled[5].command.margin.quantity_before.low, 6);
    assert_int_equal(start->unsettled[5].command.margin.wallet_before.low, 7);
    assert_true(start->unsettled[6].command.enable);
    assert_false(start->unsettled[7].command.enable);
    keel_journal_close(journal);
}

static void money_that_is_to_move_comes_back_with_all_that_names_it(void **state)
{
    (void)state;
    struct keel_command commands[4] = {
        {.kind = KEEL_TRANSFER,
         .transfer = {.from = KEEL_WALLET_SPOT,
                      .to = KEEL_WALLET_FUTURES,
                      .asset = "USDT",
                      .amount = {7, 0}}                                    },
        {.kind = KEEL_WITHDRAW,
         .withdrawal = {.asset = "TON",
                        .network = "TON",
                        .address = "UQabc",
                        .memo = "17",
                        .amount = {8, 0},
                        .client_id = "k5"}                                 },
        {.kind = KEEL_CANCEL_WITHDRAWAL, .withdrawal_id = "w9"             },
        {.kind = KEEL_PLACE_ORDER,       .place = keel_order_request_init()},
    };
    commands[3].place.side = KEEL_BUY;
    commands[3].place.type = KEEL_MARKET;
    commands[3].place.quote_quantity = keel_decimal_from_text("12.5");
    struct keel_journal *journal = open_journal();
    for (size_t i = 0; i < 4; i++) {
        struct keel_record record = {.kind = KEEL_RECORD_INTENT};
        record.intent = (struct keel_intent){.number = i + 1, .command = commands[i]};
        append(journal, &record);
    }
    keel_journal_close(journal);

    journal = open_journal();
    const struct keel_journal_start *start = keel_journal_start(journal);
    assert_int_equal(start->unsettled_count, 4);
    const struct keel_transfer_request *transfer = &start->unsettled[0].command.transfer;
    assert_int_equal(transfer->from, KEEL_WALLET_SPOT);
    assert_int_equal(transfer->to, KEEL_WALLET_FUTURES);
    assert_string_equal(transfer->asset, "USDT");
    assert_int_equal(transfer->amount.low, 7);
    const struct keel_withdrawal_request *withdrawal = &start->unsettled[1].command.withdrawal;
    assert_string_equal(withdrawal->asset, "TON");
    assert_string_equal(withdrawal->network, "TON");
    assert_string_equal(withdrawal->address, "UQabc");
    assert_string_equal(withdrawal->memo, "17");
    assert_string_equal(withdrawal->client_id, "k5");
    assert_int_equal(withdrawal->amount.low, 8);
    assert_string_equal(start->unsettled[2].command.withdrawal_id, "w9");
    assert_true(keel_decimal_equals(start->unsettled[3].command.place.quote_quantity,
                                    commands[3].place.quote_quantity));
    keel_journal_close(journal);
}

/* As version 1 made it. */
static void make_old(void)
{
    static const char sql[] = "ALTER TABLE intents DROP COLUMN quote_quantity;"
                              "ALTER TABLE intents DROP COLUMN wallet_from;"
                              "ALTER TABLE intents DROP COLUMN wallet_to;"
                              "ALTER TABLE intents DROP COLUMN asset;"
                              "ALTER TABLE intents DROP COLUMN network;"
                              "ALTER TABLE intents DROP COLUMN address;"
                              "ALTER TABLE intents DROP COLUMN memo;"
                              "ALTER TABLE intents DROP COLUMN quantity_before;"
                              "ALTER TABLE intents DROP COLUMN wallet_before;"
                              "PRAGMA user_version = 1;";
    struct keel_journal *journal = open_journal();
    struct keel_record record = make_intent(6);
    append(journal, &record);
    keel_journal_close(journal);
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void a_journal_of_the_first_version_is_read_and_taken_over(void **state)
{
    (void)state;
    struct keel_journal_row row;
    struct keel_error error = {0};
    make_old();
    struct keel_journal_reader *reader = keel_journal_read(path, KEEL_JOURNAL_UNSETTLED, 0, &error);
    assert_non_null(reader);
    assert_int_equal(keel_journal_next(reader, &row, &error), KEEL_OK);
    keel_journal_reader_free(reader);

    struct keel_journal *journal = open_journal();
    const struct keel_journal_start *start = keel_journal_start(journal);
    assert_int_equal(start->unsettled_count, 1);
    assert_string_equal(start->unsettled[0].command.place.client_id, "k-6");
    assert_false(keel_decimal_is_valid(start->unsettled[0].command.place.quote_quantity));
    struct keel_record record = make_intent(20);
    record.intent.command = (struct keel_command){
        .kind = KEEL_TRANSFER, .transfer = {.asset = "USDT", .amount = {7, 0}}
    };
    append(journal, &record);
    commit(journal);
    keel_journal_close(journal);
}

static void a_leverage_comes_back_with_what_a_margin_mode_may_have_changed_of_it(void **state)
{
    (void)state;
    struct keel_record lost = make_intent(1), same = make_intent(2), mode = make_intent(3);
    struct keel_record same_done = make_verdict(2, KEEL_ACCEPTED);
    struct keel_record mode_done = make_verdict(3, KEEL_ACCEPTED);
    lost.intent.command = same.intent.command =
        (struct keel_command){.kind = KEEL_SET_LEVERAGE, .leverage = {.leverage = 20}};
    mode.intent.command =
        (struct keel_command){.kind = KEEL_SET_MARGIN_MODE, .margin_mode = {.mode = KEEL_ISOLATED}};
    struct keel_journal *journal = open_journal();
    append(journal, &lost);
    append(journal, &same);
    append(journal, &same_done);
    keel_journal_close(journal);
    journal = open_journal();
    assert_false(keel_journal_start(journal)->unsettled[0].crossed);
    append(journal, &mode);
    append(journal, &mode_done);
    keel_journal_close(journal);
    journal = open_journal();
    const struct keel_intent *intent = &keel_journal_start(journal)->unsettled[0];
    assert_true(intent->crossed);
    assert_false(intent->overtaken);
    assert_int_equal(intent->rivals, 1);
    keel_journal_close(journal);
}

static void a_verdict_settles_and_an_unknown_one_does_not(void **state)
{
    (void)state;
    static const enum keel_fate fates[] = {KEEL_ACCEPTED, KEEL_FATE_REJECTED, KEEL_FATE_FAILED,
                                           KEEL_FATE_UNKNOWN};
    struct keel_journal *journal = open_journal();
    for (uint64_t i = 0; i < 4; i++) {
        struct keel_record intent = make_intent(i + 1), verdict = make_verdict(i + 1, fates[i]);
        append(journal, &intent);
        append(journal, &verdict);
    }
    keel_journal_close(journal);

    char last[1024];
    assert_int_equal(count(KEEL_JOURNAL_ORDERS), 4);
    assert_int_equal(count_rows(KEEL_JOURNAL_UNSETTLED, 0, last, sizeof(last)), 1);
    assert_non_null(strstr(last, "|k-4|771|"));
    assert_non_null(strstr(last, "|unknown|"));
    journal = open_journal();
    assert_int_equal(keel_journal_start(journal)->unsettled_count, 1);
    assert_int_equal(keel_journal_start(journal)->unsettled[0].number, 4);
    struct keel_record verdict = make_verdict(4, KEEL_ACCEPTED);
    append(journal, &verdict);
    keel_journal_close(journal);
    assert_int_equal(count(KEEL_JOURNAL_UNSETTLED), 0);
}

static struct keel_record make_transfer(uint64_t number, int64_t time_ms, const char *amount)
{
    struct keel_record record = {.kind = KEEL_RECORD_INTENT};
    record.intent = (struct keel_intent){
        .number = number,
        .time_ms = time_ms,
        .expires_ms = time_ms + 122000,
        .command = {.kind = KEEL_TRANSFER,
                    .transfer = {KEEL_WALLET_SPOT, KEEL_WALLET_FUTURES, "USDT",
                                 keel_decimal_from_text(amount)}}
    };
    return record;
}

static void a_transfer_comes_back_with_the_count_of_those_that_went_just_before_it(void **state)
{
    (void)state;
    static const struct {
        int64_t time_ms;
        const char *amount;
    } earlier[] = {
        {2000,  "50"}, /* long before */
        {19000, "50"},
        {19000, "51"},
    };
    struct keel_record lost = make_transfer(9, 20000, "50");
    struct keel_journal *journal = open_journal();
    for (uint64_t i = 0; i < 3; i++) {
        struct keel_record intent = make_transfer(i + 1, earlier[i].time_ms, earlier[i].amount);
        struct keel_record verdict = make_verdict(i + 1, KEEL_ACCEPTED);
        verdict.verdict.time_ms = earlier[i].time_ms + 100;
        append(journal, &intent);
        append(journal, &verdict);
    }
    append(journal, &lost);
    keel_journal_close(journal);
    journal = open_journal();
    assert_int_equal(keel_journal_start(journal)->unsettled_count, 1);
    assert_int_equal(keel_journal_start(journal)->unsettled[0].rivals, 1);
    keel_journal_close(journal);
}

static void an_execution_counts_once_to_the_last_digit(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    struct keel_record record = make_execution("12", 5000);
    append(journal, &record);
    append(journal, &record);
    commit(journal);
    append(journal, &record);
    struct keel_record other = make_execution("12", 6000);
    strcpy(other.symbol, "ETH/USDT:USDT"); /* trade ids are a market's own */
    append(journal, &other);
    commit(journal);

    char last[1024];
    assert_int_equal(count(KEEL_JOURNAL_EXECUTIONS), 2);
    assert_int_equal(count_rows(KEEL_JOURNAL_EXECUTIONS, 5001, last, sizeof(last)), 1);
    assert_non_null(strstr(last, "|64000.100000000000000001|0.003|||0|"));
    keel_journal_close(journal);
}

static void funding_told_twice_counts_once(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    struct keel_record streamed = make_funding("", "", "-1.25");
    struct keel_record listed = make_funding("BTC/USDT:USDT", "91", "-1.25");
    struct keel_record second = make_funding("ETH/USDT:USDT", "92", "-1.25");
    append(journal, &streamed);
    append(journal, &listed);
    append(journal, &listed);
    append(journal, &second); /* the same amount at the same time, of another market */
    append(journal, &second);
    commit(journal);

    char last[1024];
    assert_int_equal(count_rows(KEEL_JOURNAL_FUNDING, 0, last, sizeof(last)), 2);
    assert_string_equal(last, "8000|ETH/USDT:USDT|USDT|-1.25|92|");
    keel_journal_close(journal);
}

/* Two streams overlap, and a list may come before both. */
static void funding_told_again_by_a_stream_counts_once(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    struct keel_record streamed = make_funding("", "", "-1.25");
    struct keel_record listed = make_funding("BTC/USDT:USDT", "91", "-1.25");
    struct keel_record other = make_funding("", "", "-1.26");
    append(journal, &listed);
    append(journal, &streamed);
    append(journal, &other);
    append(journal, &other);
    commit(journal);

    char last[1024];
    assert_int_equal(count_rows(KEEL_JOURNAL_FUNDING, 0, last, sizeof(last)), 2);
    assert_string_equal(last, "8000||USDT|-1.26||");
    keel_journal_close(journal);
}

static void what_was_not_committed_goes_with_an_abandoned_journal(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    struct keel_record first = make_intent(1), second = make_intent(2);
    append(journal, &first);
    commit(journal);
    append(journal, &second);
    keel_journal_abandon(journal);

    journal = open_journal();
    assert_true(keel_journal_start(journal)->unclean);
    assert_int_equal(keel_journal_start(journal)->unsettled_count, 1);
    assert_int_equal(keel_journal_start(journal)->unsettled[0].number, 1);
    keel_journal_close(journal);
}

static void balances_and_differences_are_kept(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    struct keel_record balance = {.kind = KEEL_RECORD_BALANCE};
    strcpy(balance.balance.asset, "USDT");
    balance.balance.wallet = keel_decimal_from_text("100.5");
    balance.balance.cross_wallet = KEEL_DECIMAL_ABSENT;
    struct keel_record difference = {.kind = KEEL_RECORD_DIFFERENCE, .symbol = "BTC/USDT:USDT"};
    difference.difference.kind = KEEL_DIFFERENCE_POSITION;
    difference.difference.side = KEEL_NET;
    difference.difference.ours = keel_decimal_from_text("1");
    difference.difference.venues = keel_decimal_from_text("2");
    difference.difference.time_ms = 9;
    append(journal, &balance);
    append(journal, &difference);
    commit(journal);

    char last[1024];
    assert_int_equal(count_rows(KEEL_JOURNAL_DIFFERENCES, 0, last, sizeof(last)), 1);
    assert_string_equal(last, "9|position|BTC/USDT:USDT|net|||1|2|");
    keel_journal_close(journal);
}

static void what_was_not_committed_is_not_there(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    struct keel_record first = make_execution("1", 1), second = make_execution("2", 2);
    append(journal, &first);
    commit(journal);
    append(journal, &second);
    assert_int_equal(count(KEEL_JOURNAL_EXECUTIONS), 1);
    commit(journal);
    assert_int_equal(count(KEEL_JOURNAL_EXECUTIONS), 2);
    keel_journal_close(journal);
}

/* A child, as killing is of a whole process. */
static void die_with(void (*work)(struct keel_journal *journal))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct keel_journal_config config = {
            .path = path, .venue = "binance", .account = "main", .number_first = 5};
        struct keel_journal *journal = keel_journal_open(&config, NULL);
        if (journal == NULL)
            _exit(1);
        work(journal);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void commit_one_and_begin_another(struct keel_journal *journal)
{
    struct keel_record first = make_intent(5), second = make_intent(6);
    if (keel_journal_append(journal, &first, NULL) != KEEL_OK ||
        keel_journal_commit(journal, NULL) != KEEL_OK ||
        keel_journal_append(journal, &second, NULL) != KEEL_OK)
        _exit(2);
}

static void a_process_that_dies_loses_no_commit(void **state)
{
    (void)state;
    die_with(commit_one_and_begin_another);
    assert_int_equal(count(KEEL_JOURNAL_UNSETTLED), 1);
    struct keel_journal *journal = open_journal();
    const struct keel_journal_start *start = keel_journal_start(journal);
    assert_int_equal(start->unsettled_count, 1);
    assert_int_equal(start->unsettled[0].number, 5);
    assert_true(start->unclean);
    assert_false(start->unclean_boot);
    keel_journal_close(journal);
    journal = open_journal();
    assert_false(keel_journal_start(journal)->unclean);
    keel_journal_close(journal);
}

static void an_unclean_boot_is_recognised(void **state)
{
    (void)state;
    die_with(commit_one_and_begin_another);
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(database, "UPDATE journal SET boot = 'another'", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    struct keel_journal *journal = open_journal();
    assert_true(keel_journal_start(journal)->unclean_boot);
    keel_journal_close(journal);
}

static void reserve_more(struct keel_journal *journal)
{
    struct keel_record record = {.kind = KEEL_RECORD_NUMBERS};
    record.numbers_end = keel_journal_start(journal)->numbers_end + KEEL_JOURNAL_NUMBERS;
    if (keel_journal_append(journal, &record, NULL) != KEEL_OK)
        _exit(2);
}

static void a_number_is_never_reserved_twice(void **state)
{
    (void)state;
    uint64_t end = 0;
    for (int i = 0; i < 5; i++) {
        struct keel_journal *journal = open_journal();
        const struct keel_journal_start *start = keel_journal_start(journal);
        assert_true(start->number_first >= end);
        assert_int_equal(start->numbers_end, start->number_first + KEEL_JOURNAL_NUMBERS);
        end = start->numbers_end;
        keel_journal_close(journal);
        die_with(reserve_more); /* with its own block, and one more */
        end += 2 * KEEL_JOURNAL_NUMBERS;
    }
    struct keel_journal *journal = open_journal();
    assert_int_equal(keel_journal_start(journal)->number_first, end);
    keel_journal_close(journal);
}

static void what_is_complete_only_moves_forward(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    assert_int_equal(keel_journal_start(journal)->complete_ms, 0);
    struct keel_record record = {.kind = KEEL_RECORD_COMPLETE, .complete_ms = 500};
    append(journal, &record);
    record.complete_ms = 400;
    append(journal, &record);
    keel_journal_close(journal);
    journal = open_journal();
    assert_int_equal(keel_journal_start(journal)->complete_ms, 500);
    keel_journal_close(journal);
}

static void assert_refused(const char *account, enum keel_status status, const char *words)
{
    struct keel_error error = {0};
    struct keel_journal *journal = open_as(account, &error);
    assert_null(journal);
    assert_int_equal(error.status, status);
    assert_non_null(strstr(error.message, path));
    if (strstr(error.message, words) == NULL)
        fail_msg("%s does not say \"%s\"", error.message, words);
}

static void a_second_owner_is_refused(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    assert_refused("main", KEEL_CONFIG, "in use by another process");
    keel_journal_close(journal);
    keel_journal_close(open_journal());
}

static void another_accounts_journal_is_refused(void **state)
{
    (void)state;
    keel_journal_close(open_journal());
    assert_refused("other", KEEL_CONFIG, "is of binance main, not of binance other");
}

static void write_file(const char *bytes, size_t size, long at)
{
    FILE *file = fopen(path, at < 0 ? "wb" : "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at < 0 ? 0 : at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void a_file_that_is_no_journal_is_refused(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'x', sizeof(text));
    write_file(text, sizeof(text), -1);
    assert_refused("main", KEEL_CONFIG, "not a journal");
}

static void a_newer_version_is_refused(void **state)
{
    (void)state;
    keel_journal_close(open_journal());
    write_file("\0\0\0\x09", 4, 60); /* SQLite's user version */
    assert_refused("main", KEEL_CONFIG, "its version is 9");
}

static void a_damaged_file_is_refused(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    for (uint64_t i = 1; i < 200; i++) {
        struct keel_record record = make_intent(i);
        append(journal, &record);
    }
    keel_journal_close(journal);
    char noise[4096];
    memset(noise, 0x5a, sizeof(noise));
    for (long at = 4096; at < 20 * 4096; at += 4096)
        write_file(noise, sizeof(noise), at);
    assert_refused("main", KEEL_BROKEN, "damaged");
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "%s/none/main.db", folder);
    assert_refused("main", KEEL_IO, "No such file");
    struct keel_error error = {0};
    assert_null(keel_journal_read(path, KEEL_JOURNAL_ORDERS, 0, &error));
    assert_int_equal(error.status, KEEL_NOT_FOUND);
}

static void a_full_disk_refuses_from_then_on_and_leaves_the_file_whole(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    struct keel_error error = {0};
    keel_journal_set_page_max(journal, 40);
    uint64_t number = 1, committed = 0;
    for (; number < 10000; number++) {
        struct keel_record intent = make_intent(number);
        struct keel_record verdict = make_verdict(number, KEEL_ACCEPTED);
        if (keel_journal_append(journal, &intent, &error) != KEEL_OK ||
            keel_journal_append(journal, &verdict, &error) != KEEL_OK ||
            keel_journal_commit(journal, &error) != KEEL_OK)
            break;
        committed++;
    }
    assert_int_equal(error.status, KEEL_IO);
    assert_non_null(strstr(error.message, "full"));
    struct keel_record record = make_execution("1", 1);
    assert_int_equal(keel_journal_append(journal, &record, &error), KEEL_IO);
    assert_int_equal(keel_journal_commit(journal, &error), KEEL_IO);
    keel_journal_close(journal);
    assert_int_equal(count(KEEL_JOURNAL_ORDERS), committed);
    die_with(reserve_more); /* it opens, and can be written again */
}

static void a_long_log_is_moved_into_the_file_when_there_is_time(void **state)
{
    (void)state;
    struct keel_journal *journal = open_journal();
    for (uint64_t i = 1; i < 1500; i++) {
        struct keel_record record = make_intent(i);
        append(journal, &record);
        commit(journal);
    }
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    (void)fseek(file, 0, SEEK_END);
    long before = ftell(file);
    assert_int_equal(keel_journal_tend(journal, false, NULL), KEEL_OK);
    (void)fseek(file, 0, SEEK_END);
    assert_int_equal(ftell(file), before);
    assert_int_equal(keel_journal_tend(journal, true, NULL), KEEL_OK);
    (void)fseek(file, 0, SEEK_END);
    assert_true(ftell(file) > before);
    fclose(file);
    assert_int_equal(count(KEEL_JOURNAL_ORDERS), 1499);
    keel_journal_close(journal);
}

#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, name_file, remove_files)

/* The tables are one transaction, and whose they are is the next. */
static void a_journal_whose_maker_died_before_it_was_owned_is_taken_up(void **state)
{
    (void)state;
    keel_journal_close(open_journal());
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "DELETE FROM journal", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    keel_journal_close(open_journal());
    struct keel_error error = {0};
    assert_null(open_as("another", &error)); /* it has an owner now */
    assert_int_equal(error.status, KEEL_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(an_intent_comes_back_as_it_left),
        JOURNAL_TEST(every_kind_of_write_comes_back),
        JOURNAL_TEST(money_that_is_to_move_comes_back_with_all_that_names_it),
        JOURNAL_TEST(a_journal_of_the_first_version_is_read_and_taken_over),
        JOURNAL_TEST(a_leverage_comes_back_with_what_a_margin_mode_may_have_changed_of_it),
        JOURNAL_TEST(a_verdict_settles_and_an_unknown_one_does_not),
        JOURNAL_TEST(a_transfer_comes_back_with_the_count_of_those_that_went_just_before_it),
        JOURNAL_TEST(an_execution_counts_once_to_the_last_digit),
        JOURNAL_TEST(funding_told_twice_counts_once),
        JOURNAL_TEST(funding_told_again_by_a_stream_counts_once),
        JOURNAL_TEST(what_was_not_committed_goes_with_an_abandoned_journal),
        JOURNAL_TEST(balances_and_differences_are_kept),
        JOURNAL_TEST(what_was_not_committed_is_not_there),
        JOURNAL_TEST(a_process_that_dies_loses_no_commit),
        JOURNAL_TEST(an_unclean_boot_is_recognised),
        JOURNAL_TEST(a_number_is_never_reserved_twice),
        JOURNAL_TEST(what_is_complete_only_moves_forward),
        JOURNAL_TEST(a_second_owner_is_refused),
        JOURNAL_TEST(another_accounts_journal_is_refused),
        JOURNAL_TEST(a_file_that_is_no_journal_is_refused),
        JOURNAL_TEST(a_newer_version_is_refused),
        JOURNAL_TEST(a_damaged_file_is_refused),
        JOURNAL_TEST(a_folder_that_is_not_there_is_told),
        JOURNAL_TEST(a_full_disk_refuses_from_then_on_and_leaves_the_file_whole),
        JOURNAL_TEST(a_long_log_is_moved_into_the_file_when_there_is_time),
        JOURNAL_TEST(a_journal_whose_maker_died_before_it_was_owned_is_taken_up),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
