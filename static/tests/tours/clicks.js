// How often a person clicks or taps on the way; the tour fails when it is too often.
let count = 0;
const add = () => count++;

export const startCounting = {
    trigger: "body",
    run() {
        count = 0;
        document.addEventListener("pointerdown", add, true);
    },
};

export function atMost(limit) {
    return {
        content: `At most ${limit} clicks`,
        trigger: "body",
        run() {
            document.removeEventListener("pointerdown", add, true);
            if (!count || count > limit) {
                throw new Error(`${count} clicks, where ${limit} are enough`);
            }
        },
    };
}
