"""French words that the spelling rules get wrong, and the consonants that words lend to a vowel after them."""

import re
from typing import Final

from soundstage.providers.local.speech.tables import entries

UNSTRESSED: Final = entries(
    "le=lə la=la les=le un=œ̃ une=yn des=de du=dy de=də au,aux=o à=a et=e ou,où=u mais=mɛ ne=nə pas=pa "
    "que=kə qui=ki quoi=kwa ce=sə cet,cette=sɛt ces=se se=sə me=mə te=tə je=ʒə tu=ty il,ils=il "
    "elle,elles=ɛl on=ɔ̃ nous=nu vous=vu lui=lɥi leur,leurs=lœʁ y=i en=ɑ̃ dans=dɑ̃ par=paʁ pour=puʁ "
    "sur=syʁ sous=su sans=sɑ̃ avec=avɛk chez=ʃe vers=vɛʁ mon=mɔ̃ ton=tɔ̃ son=sɔ̃ ma=ma ta=ta sa=sa mes=me "
    "tes=te ses=se nos=no vos=vo notre=nɔtʁ votre=vɔtʁ si=si est,es=ɛ suis=sɥi sommes=sɔm êtes=ɛt "
    "sont=sɔ̃ ai=e as,a=a ont=ɔ̃ comme=kɔm dont=dɔ̃ car=kaʁ donc=dɔ̃k or=ɔʁ ni=ni très=tʁɛ"
)

WORDS: Final = entries(
    "eu,eue,eus=y femme=fam femmes=fam monsieur=məsjø messieurs=mesjø sept=sɛt six=sis dix=dis huit=ɥit "
    "cinq=sɛ̃k vingt,vingts=vɛ̃ cent,cents=sɑ̃ plus=ply tous=tu fils=fis pays=pei hier=jɛʁ "
    "cher,chère,chers,chères=ʃɛʁ travail=tʁavaj blanc,blancs=blɑ̃ franc,francs=fʁɑ̃ porc=pɔʁ nez=ne "
    "gaz=ɡaz bus=bys second,seconds=səɡɔ̃ seconde,secondes=səɡɔ̃d maximum=maksimɔm minimum=minimɔm "
    "album=albɔm examen=ɛɡzamɛ̃ gymnase=ʒimnaz août=ut oignon,oignons=ɔɲɔ̃ automne=otɔn condamner=kɔ̃dane "
    "compter=kɔ̃te sculpture=skyltyʁ compte,comptes=kɔ̃t baptême=batɛm soixante=swasɑ̃t "
    "psychologie=psikɔlɔʒi technique,techniques=tɛknik technologie=tɛknɔlɔʒi orchestre=ɔʁkɛstʁ écho=eko "
    "science,sciences=sjɑ̃s patient,patients=pasjɑ̃ client,clients=klijɑ̃ maïs=mais "
    "coïncidence=kɔɛ̃sidɑ̃s parlent=paʁl peuvent=pœv veulent=vœl doivent=dwav disent=diz viennent=vjɛn "
    "prennent=pʁɛn aiment=ɛm restent=ʁɛst semblent=sɑ̃bl commencent=kɔmɑ̃s ennemi,ennemis=ɛnmi "
    "emmener=ɑ̃mne aujourd'hui=oʒuʁdɥi quelqu'un=kɛlkœ̃ aujourd=oʒuʁd hui=ɥi fier,fiers=fjɛʁ amour=amuʁ "
    "os=ɔs sens=sɑ̃s mars=maʁs avril=avʁil ours=uʁs tabac=taba estomac=ɛstɔma clef,clefs,clé,clés=kle "
    "chœur=kœʁ ciel=sjɛl internet=ɛ̃tɛʁnɛt web=wɛb email,e-mail=imɛl euro,euros=øʁo bien=bjɛ̃ rien=ʁjɛ̃ "
    "peu=pø bon=bɔ̃ bonne=bɔn bonjour=bɔ̃ʒuʁ personne,personnes=pɛʁsɔn donner=dɔne comment=kɔmɑ̃ "
    "homme,hommes=ɔm année,années=ane octobre=ɔktɔbʁ poste=pɔst notes,note=nɔt école=ekɔl joli=ʒɔli "
    "soleil=sɔlɛj jeudi=ʒødi deuxième=døzjɛm sixième=sizjɛm dixième=dizjɛm virgule=viʁɡyl zéro=zeʁo "
    "mille=mil million=miljɔ̃ millions=miljɔ̃ ville,villes=vil"
)

CLITICS: Final = {
    "l": "l",
    "d": "d",
    "j": "ʒ",
    "n": "n",
    "s": "s",
    "c": "s",
    "m": "m",
    "t": "t",
    "qu": "k",
    "jusqu": "ʒysk",
    "lorsqu": "lɔʁsk",
    "puisqu": "pɥisk",
}

_LIAISONS: Final = entries(
    "les,des,ces,mes,tes,ses,nos,vos,aux,deux,trois,six,dix,nous,vous,ils,elles,dans,sans,chez,très,plus,leurs,"
    "quelques,plusieurs,petits,grands=z on,en,un,mon,ton,son,aucun,bien=n tout,quand,est,sont,ont,petit,grand=t"
)
_ASPIRATED: Final = re.compile(
    r"h(?:aut|aus|éro|ont|uit|ors|ar[idp]|as|allo?|ollan|ongr|iér|and|ache|aine|ouss|urle)"
)


def liaison(word: str, following: str) -> str:
    """The consonant that is heard between the two words, if any."""
    if not following or following[0] not in "aàâeéèêëiîïoôuùûüyœh" or _ASPIRATED.match(following):
        return ""
    if following in {"onze", "oui", "huit", "yaourt"}:
        return ""
    return _LIAISONS.get(word, "")
