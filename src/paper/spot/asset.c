#include "paper/spot/asset.h"

#include "paper/random.h"

#include <regex.h>
#include <threads.h>

#define BASE58 "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#define BECH32 "023456789acdefghjklmnpqrstuvwxyz"
#define HEX    "0123456789abcdef"

enum {
    ASSETS = 21,
    FORMS = 6,
};

/* How a chain writes its addresses. */
enum form {
    FORM_NONE,
    FORM_HEX, /* 0x and forty digits */
    FORM_TRON,
    FORM_BITCOIN,
    FORM_SOLANA,
    FORM_RIPPLE,
};

static const struct {
    const char *pattern, *memo_pattern, *prefix, *letters;
    int length;
} forms[FORMS] = {
    [FORM_HEX] = {"^(0x)[0-9A-Fa-f]{40}$",                                      NULL,            "0x",   HEX,    40},
    [FORM_TRON] = {"^T[1-9A-HJ-NP-Za-km-z]{33}$",                                NULL,            "T",    BASE58, 33},
    [FORM_BITCOIN] = {"^[13][a-km-zA-HJ-NP-Z1-9]{25,34}$|^bc1[qp][0-9a-z]{37,62}$", NULL,            "bc1q",
                  BECH32,                                                                                        38},
    [FORM_SOLANA] = {"^[1-9A-HJ-NP-Za-km-z]{32,44}$",                              NULL,            "",     BASE58, 44},
    [FORM_RIPPLE] = {"^r[1-9A-HJ-NP-Za-km-z]{25,34}$",                             "^[0-9]{1,10}$", "r",    BASE58, 33},
};

struct network_text {
    const char *name, *title;
    enum form form;
    const char *fee, *min, *multiple;
    int confirmations;
};

static const struct {
    const char *code, *name;
    struct network_text networks[PAPER_NETWORKS_MAX];
} table[ASSETS] = {
    {"USDT",
     "TetherUS",          {{"TRX", "Tron (TRC20)", FORM_TRON, "1", "10", "0.000001", 1},
      {"ETH", "Ethereum (ERC20)", FORM_HEX, "4", "10", "0.000001", 6},
      {"BSC", "BNB Smart Chain (BEP20)", FORM_HEX, "0.2", "10", "0.00000001", 15},
      {"SOL", "Solana", FORM_SOLANA, "0.2", "2", "0.000001", 1}}                             },
    {"BTC",
     "Bitcoin",           {{"BTC", "Bitcoin", FORM_BITCOIN, "0.0001", "0.001", "0.00000001", 1},
      {"BSC", "BNB Smart Chain (BEP20)", FORM_HEX, "0.000005", "0.0001", "0.00000001", 15}}   },
    {"ETH",
     "Ethereum",          {{"ETH", "Ethereum (ERC20)", FORM_HEX, "0.001", "0.01", "0.00000001", 6},
      {"ARBITRUM", "Arbitrum One", FORM_HEX, "0.0001", "0.001", "0.00000001", 120}}          },
    {"BNB",
     "BNB",               {{"BSC", "BNB Smart Chain (BEP20)", FORM_HEX, "0.0005", "0.01", "0.00000001", 15}} },
    {"SOL",  "Solana",    {{"SOL", "Solana", FORM_SOLANA, "0.01", "0.1", "0.00000001", 1}}                   },
    {"XRP",  "Ripple",    {{"XRP", "Ripple", FORM_RIPPLE, "0.2", "22", "0.000001", 1}}                       },
    {"DOGE",
     "dogecoin",          {{"BSC", "BNB Smart Chain (BEP20)", FORM_HEX, "1", "10", "0.00000001", 15}}        },
    {"ADA",  "Cardano",   {{"BSC", "BNB Smart Chain (BEP20)", FORM_HEX, "0.8", "3", "0.000001", 15}}         },
    {"LTC",
     "Litecoin",          {{"BSC", "BNB Smart Chain (BEP20)", FORM_HEX, "0.0005", "0.005", "0.00000001", 15}}},
    {"LINK", "ChainLink", {{"ETH", "Ethereum (ERC20)", FORM_HEX, "0.3", "1", "0.00000001", 6}}               },
    {"AVAX",
     "AVAX",              {{"BSC", "BNB Smart Chain (BEP20)", FORM_HEX, "0.01", "0.1", "0.00000001", 15}}    },
    {"PEPE", "Pepe",      {{"ETH", "Ethereum (ERC20)", FORM_HEX, "300000", "600000", "1", 6}}                },
    {"SHIB", "SHIBA INU", {{"ETH", "Ethereum (ERC20)", FORM_HEX, "200000", "400000", "1", 6}}                },
    {"TRX",  "TRON",      {{"TRX", "Tron (TRC20)", FORM_TRON, "1", "10", "0.000001", 1}}                     },
    {"DOT",
     "Polkadot",          {{"BSC", "BNB Smart Chain (BEP20)", FORM_HEX, "0.05", "0.5", "0.00000001", 15}}    },
    {"BCH",
     "Bitcoin Cash",      {{"BSC", "BNB Smart Chain (BEP20)", FORM_HEX, "0.0005", "0.005", "0.00000001", 15}}},
    {"UNI",  "Uniswap",   {{"ETH", "Ethereum (ERC20)", FORM_HEX, "0.5", "1", "0.00000001", 6}}               },
    {"ARB",  "Arbitrum",  {{"ARBITRUM", "Arbitrum One", FORM_HEX, "0.2", "2", "0.00000001", 120}}            },
    {"OP",   "Optimism",  {{"OPTIMISM", "Optimism", FORM_HEX, "0.1", "1", "0.00000001", 100}}                },
    {"SUI",  "Sui",       {{"BSC", "BNB Smart Chain (BEP20)", FORM_HEX, "0.1", "1", "0.00000001", 15}}       },
    {"WLD",  "Worldcoin", {{"OPTIMISM", "Optimism", FORM_HEX, "0.1", "1", "0.00000001", 100}}                },
};

static struct paper_asset assets[ASSETS];
static once_flag read_once = ONCE_FLAG_INIT;

static struct paper_network read_network(const struct network_text *text)
{
    struct paper_network network = {
        .title = text->title,
        .fee = keel_decimal_from_text(text->fee),
        .withdraw_min = keel_decimal_from_text(text->min),
        .withdraw_max = keel_decimal_from_int(INT64_C(100000000000)),
        .withdraw_multiple = keel_decimal_from_text(text->multiple),
        .address_pattern = forms[text->form].pattern,
        .memo_pattern = forms[text->form].memo_pattern,
        .address_prefix = forms[text->form].prefix,
        .address_letters = forms[text->form].letters,
        .address_length = forms[text->form].length,
        .confirmations = text->confirmations,
    };
    (void)keel_str_copy(keel_str_from(text->name), network.name, sizeof(network.name));
    return network;
}

static void read_all(void)
{
    for (int i = 0; i < ASSETS; i++) {
        struct paper_asset *asset = &assets[i];
        (void)keel_str_copy(keel_str_from(table[i].code), asset->code, sizeof(asset->code));
        asset->name = table[i].name;
        for (int j = 0; j < PAPER_NETWORKS_MAX && table[i].networks[j].name != NULL; j++)
            asset->networks[asset->network_count++] = read_network(&table[i].networks[j]);
    }
}

int paper_asset_count(void)
{
    return ASSETS;
}

const struct paper_asset *paper_asset_get(paper_asset_id asset)
{
    if (asset == PAPER_NO_ASSET || asset > ASSETS)
        return NULL;
    call_once(&read_once, read_all);
    return &assets[asset - 1];
}

paper_asset_id paper_asset_find(keel_str code)
{
    for (int i = 0; i < ASSETS; i++)
        if (keel_str_equals(code, keel_str_from(table[i].code)))
            return (paper_asset_id)(i + 1);
    return PAPER_NO_ASSET;
}

int paper_asset_find_network(const struct paper_asset *asset, keel_str name)
{
    if (name.size == 0)
        return 0;
    for (int i = 0; i < asset->network_count; i++)
        if (keel_str_equals(name, keel_str_from(asset->networks[i].name)))
            return i;
    return -1;
}

static bool matches(const char *pattern, keel_str text)
{
    char copy[PAPER_ADDRESS_SIZE];
    regex_t regex;
    if (!keel_str_copy(text, copy, sizeof(copy)) || strlen(copy) != text.size ||
        regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    bool found = regexec(&regex, copy, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

bool paper_network_takes_address(const struct paper_network *network, keel_str address)
{
    return matches(network->address_pattern, address);
}

bool paper_network_takes_memo(const struct paper_network *network, keel_str memo)
{
    if (memo.size == 0)
        return true;
    return network->memo_pattern != NULL && matches(network->memo_pattern, memo);
}

void paper_network_make_address(const struct paper_network *network, uint64_t chance,
                                char address[PAPER_ADDRESS_SIZE])
{
    struct paper_random random = {chance};
    size_t letters = strlen(network->address_letters);
    size_t at = strlen(network->address_prefix);
    memcpy(address, network->address_prefix, at);
    for (int i = 0; i < network->address_length; i++)
        address[at++] = network->address_letters[paper_random_below(&random, letters)];
    address[at] = '\0';
}
