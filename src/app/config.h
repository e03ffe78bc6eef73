/* config.h - which account: credentials and hosts, from the environment or a file.
 *
 * The file is INI, a section an account:
 *
 *     [main]
 *     venue = binance
 *     api_key = ...
 *     api_secret = ...
 *     url = http://127.0.0.1:8080   (or demo_venue = true; neither: the venue itself)
 *     symbols = BTC/USDT, ETH/USDT
 *     journal = /var/lib/keel/main.db   (or none; see journal_path.h)
 *     order_entry = stream   (or requests, which holds without it)
 *     withdraw_to = USDT TRX TXyz…, XRP XRP rAbc… 12345   (asset, network, address, memo)
 *
 * All of it is checked, not only the section that is used. Which account: the section that
 * --account names; else BINANCE_API_KEY and BINANCE_API_SECRET (the venue's name in capitals),
 * unless --config names a file; else the section [default]; else the only section. Secrets are
 * never arguments, stay in locked memory, and appear in no message. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/options.h"
#include "keel/wallet.h"

enum {
    APP_CONFIG_SIZE = 16384, /* bytes of the file */
    APP_SECTIONS_MAX = 32,
    APP_SYMBOLS_MAX = 64,
    APP_ADDRESSES_MAX = 32,
};

struct app_section {
    const char *name;
    int line;
    const char *venue, *api_key, *api_secret, *url, *demo_venue, *symbols, *journal, *order_entry,
        *withdraw_to;
};

/* Opaque to others but for `account` and the symbols. */
struct app_config {
    struct app_section account; /* what holds, after options, environment and file were weighed */
    bool demo_venue;
    const char *symbols[APP_SYMBOLS_MAX];
    int symbol_count;

    struct keel_withdrawal_address addresses[APP_ADDRESSES_MAX]; /* to which money may leave */
    int address_count;

    struct app_section sections[APP_SECTIONS_MAX];
    int section_count;
    char path[1024];
    char symbol_text[2][1024];          /* of the file and of --symbol, cut into pieces */
    char address_text[APP_CONFIG_SIZE]; /* of withdraw_to, the same */
    char text[APP_CONFIG_SIZE];
};

/* KEEL_CONFIG, or KEEL_INVALID for options that contradict each other. On every outcome the caller
 * wipes afterwards. With `optional` missing credentials are fine. */
KEEL_MUST_USE enum keel_status app_config_load(struct app_config *config,
                                               const struct app_options *options, bool optional,
                                               struct keel_error *error);

/* Makes a symbol active; it is borrowed. */
KEEL_MUST_USE enum keel_status app_config_add_symbol(struct app_config *config, const char *symbol,
                                                     struct keel_error *error);

/* The secrets here and in the environment. */
void app_config_wipe(struct app_config *config);

#endif
