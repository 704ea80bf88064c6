// The emoji shortcodes that bots commonly write, and what they look like.

const TABLE = `
+1 👍|thumbsup 👍|-1 👎|wave 👋|clap 👏|raised_hands 🙌|pray 🙏|muscle 💪|handshake 🤝|point_right 👉|point_left 👈
point_up ☝️|point_down 👇|ok_hand 👌|raised_hand ✋|writing_hand ✍️|eyes 👀|brain 🧠|heart ❤️|blue_heart 💙|green_heart 💚
yellow_heart 💛|purple_heart 💜|sparkling_heart 💖|sparkles ✨|star ⭐|star2 🌟|dizzy 💫|fire 🔥|tada 🎉|confetti_ball 🎊|balloon 🎈
gift 🎁|trophy 🏆|medal 🏅|sports_medal 🏅|first_place_medal 🥇|rosette 🏵️|mortar_board 🎓|scroll 📜|rocket 🚀|bulb 💡|bell 🔔
no_bell 🔕|mega 📣|loudspeaker 📢|speech_balloon 💬|thought_balloon 💭|left_speech_bubble 🗨️|email 📧|envelope ✉️|incoming_envelope 📨
calendar 📅|date 📅|spiral_calendar_pad 🗓️|alarm_clock ⏰|clock1 🕐|clock10 🕙|hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️|watch ⌚
memo 📝|pencil 📝|pencil2 ✏️|clipboard 📋|page_facing_up 📄|bookmark 🔖|books 📚|book 📖|open_book 📖|notebook 📓|ledger 📒
pushpin 📌|round_pushpin 📍|paperclip 📎|link 🔗|mag 🔍|key 🔑|lock 🔒|unlock 🔓|shield 🛡️|gear ⚙️|wrench 🔧|hammer_and_wrench 🛠️
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|no_entry ⛔|no_entry_sign 🚫|warning ⚠️|rotating_light 🚨|sos 🆘
question ❓|grey_question ❔|exclamation ❗|grey_exclamation ❕|information_source ℹ️|heavy_plus_sign ➕|heavy_minus_sign ➖|arrow_right ➡️
arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrows_counterclockwise 🔄|repeat 🔁|recycle ♻️|fast_forward ⏩|double_vertical_bar ⏸️|pause_button ⏸️
arrow_forward ▶️|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|red_circle 🔴|large_green_circle 🟢|large_yellow_circle 🟡|large_blue_circle 🔵
white_circle ⚪|black_circle ⚫|large_orange_circle 🟠|smile 😄|smiley 😃|grinning 😀|slightly_smiling_face 🙂|blush 😊|grin 😁|joy 😂
wink 😉|heart_eyes 😍|thinking_face 🤔|hugging_face 🤗|partying_face 🥳|relieved 😌|sweat_smile 😅|neutral_face 😐|disappointed 😞|cry 😢
sob 😭|worried 😟|pensive 😔|sunglasses 😎|nerd_face 🤓|star-struck 🤩|zzz 💤|sleeping 😴|seedling 🌱|herb 🌿|deciduous_tree 🌳|sunflower 🌻
tulip 🌷|four_leaf_clover 🍀|sunny ☀️|sunrise 🌅|rainbow 🌈|umbrella ☔|snowflake ❄️|crescent_moon 🌙|coffee ☕|tea 🍵|cake 🍰|birthday 🎂
cookie 🍪|apple 🍎|hospital 🏥|stethoscope 🩺|pill 💊|syringe 💉|ambulance 🚑|microscope 🔬|test_tube 🧪|dna 🧬|adhesive_bandage 🩹
house 🏠|office 🏢|school 🏫|globe_with_meridians 🌐|earth_africa 🌍|earth_americas 🌎|earth_asia 🌏|world_map 🗺️|compass 🧭|airplane ✈️
train 🚆|computer 💻|iphone 📱|telephone ☎️|telephone_receiver 📞|video_camera 📹|camera 📷|headphones 🎧|chart_with_upwards_trend 📈
bar_chart 📊|dart 🎯|jigsaw 🧩|game_die 🎲|art 🎨|robot_face 🤖|bust_in_silhouette 👤|busts_in_silhouette 👥|two_men_holding_hands 👬
people_holding_hands 🧑‍🤝‍🧑|female-doctor 👩‍⚕️|male-doctor 👨‍⚕️|health_worker 🧑‍⚕️|teacher 🧑‍🏫|student 🧑‍🎓|man-raising-hand 🙋‍♂️|woman-raising-hand 🙋‍♀️
raising_hand 🙋|wave::skin-tone-3 👋🏼|door 🚪|ticket 🎫|label 🏷️|inbox_tray 📥|outbox_tray 📤|file_folder 📁|open_file_folder 📂|wastebasket 🗑️
balance_scale ⚖️|scales ⚖️|compression 🗜️|hourglass_done ⌛|infinity ♾️|100 💯|copyright ©️|tm ™️|black_small_square ▪️|small_blue_diamond 🔹
`;

const EMOJI = new Map(
  TABLE.split(/[|\n]/).filter(Boolean).map((entry) => {
    const gap = entry.lastIndexOf(" ");
    return [entry.slice(0, gap), entry.slice(gap + 1)];
  }),
);

/** The character of a shortcode without its colons, or null. */
export const emojiOf = (name) => EMOJI.get(name) ?? EMOJI.get(name.replace(/::skin-tone-\d$/, "")) ?? null;

export const withEmoji = (text) =>
  text.replace(/:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/g, (code, name) => emojiOf(name) ?? code);
