export interface Bird {
  readonly slug: string
  readonly name: string
  readonly latin: string
  readonly looks: string
  readonly where: string
}

/** What the scripted model knows about the birds of Lake Constance. */
export const BIRDS: readonly Bird[] = [
  {
    slug: 'great-crested-grebe',
    name: 'Great crested grebe',
    latin: 'Podiceps cristatus',
    looks: 'Slender neck, chestnut ruff and black crest in spring.',
    where: 'Open water all year; large rafts gather off the Rhine delta.',
  },
  {
    slug: 'mute-swan',
    name: 'Mute swan',
    latin: 'Cygnus olor',
    looks: 'White, with an orange bill and a black knob above it.',
    where: 'Harbours and shallow bays around the whole shore.',
  },
  {
    slug: 'grey-heron',
    name: 'Grey heron',
    latin: 'Ardea cinerea',
    looks: 'Tall and grey, with a black eyestripe that ends in a plume.',
    where: 'Standing still at the edge of reed and in wet meadows.',
  },
  {
    slug: 'common-kingfisher',
    name: 'Common kingfisher',
    latin: 'Alcedo atthis',
    looks: 'Brilliant blue back and orange breast; often only a blue flash.',
    where: 'Mouths of streams such as the Argen and the Schussen.',
  },
  {
    slug: 'red-crested-pochard',
    name: 'Red-crested pochard',
    latin: 'Netta rufina',
    looks: 'The drake has a round, rusty head and a coral bill.',
    where: 'Stonewort beds of the Ermatinger Becken and Wollmatinger Ried.',
  },
  {
    slug: 'tufted-duck',
    name: 'Tufted duck',
    latin: 'Aythya fuligula',
    looks: 'Black and white drake with a drooping tuft and a yellow eye.',
    where: 'Winter flocks dive for zebra mussels on the Untersee.',
  },
  {
    slug: 'eurasian-coot',
    name: 'Eurasian coot',
    latin: 'Fulica atra',
    looks: 'Sooty black with a white bill and forehead shield.',
    where: 'Everywhere; tens of thousands spend the winter here.',
  },
  {
    slug: 'white-stork',
    name: 'White stork',
    latin: 'Ciconia ciconia',
    looks: 'White with black flight feathers, red bill and red legs.',
    where: 'Nests on roofs in Radolfzell and Böhringen; hunts in meadows.',
  },
  {
    slug: 'bearded-reedling',
    name: 'Bearded reedling',
    latin: 'Panurus biarmicus',
    looks: 'Cinnamon bird with a long tail; the male has a black moustache.',
    where: 'Large reed beds of the Wollmatinger Ried and the Rhine delta.',
  },
  {
    slug: 'black-kite',
    name: 'Black kite',
    latin: 'Milvus migrans',
    looks: 'Dark brown raptor with a shallow fork in its tail.',
    where: 'From March to August over the Bodanrück and the lake.',
  },
  {
    slug: 'common-tern',
    name: 'Common tern',
    latin: 'Sterna hirundo',
    looks: 'Pale grey, black cap, red bill with a dark tip.',
    where: 'Breeds on rafts in the Constance bay, and at the Rhine delta.',
  },
  {
    slug: 'great-cormorant',
    name: 'Great cormorant',
    latin: 'Phalacrocorax carbo',
    looks: 'Large and dark; dries its wings spread wide.',
    where: 'Roosts on posts and in dead trees at the Radolfzeller Aach.',
  },
]

export function birdPage(bird: Bird): string {
  return `# ${bird.name}

*${bird.latin}*

## How to know it

${bird.looks}

## Where to find it at Lake Constance

${bird.where}
`
}

export const GLOSSARY = `# Glossary

- **Crest**: longer feathers on the crown, raised in display.
- **Drake**: a male duck.
- **Eyestripe**: a line of colour through the eye.
- **Frontal shield**: the bare plate above a coot's bill.
- **Raft**: a dense flock resting on open water.
- **Reed bed**: a stand of reed in shallow water, where many birds nest.
- **Roost**: a place where birds gather to rest.
- **Stonewort**: algae of clear lakes; the food of the red-crested pochard.
`
