// place.mjs - points another client's addresses at the paper venue: the hosts change, the paths stay.
export function place(addresses, paper) {
    for (const [name, value] of Object.entries(addresses)) {
        if (typeof value === "string")
            addresses[name] = value
                .replace(/^https:\/\/[^/]+/, paper.url)
                .replace(/^wss:\/\/[^/]+/, paper.url.replace("http", "ws"));
        else if (value && typeof value === "object")
            place(value, paper);
    }
    return addresses;
}
