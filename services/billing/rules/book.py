"""Everything that rating looks up, gathered once for many lines: rules, mappings, agreements.

A book answers the same question once: agreements are resolved per customer and currency, billing
periods per agreement, words per rule. It lives for one handler call and is never shared.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.billing.rules.agreements import AgreementChoice, accept_choice, find_only_fit
from services.billing.rules.date_rules import DatePolicy, make_policy
from services.billing.rules.dropping import NOTHING_DROPPED, Dropping
from services.billing.rules.line import Line
from services.billing.rules.match import LinePlace
from services.billing.rules.model import BillingRules, Quantities
from services.billing.rules.names import display_name
from services.billing.rules.persistent import PersistentAddition
from services.billing.rules.price_terms import AS_CHARGED, CatalogPrice, PriceBook, PriceTerms
from services.billing.rules.templates import Placeholder, placeholders_of
from services.contracts.charge_types import parse_charge_type
from services.contracts.invoicing.amounts import Decimals
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.invoicing.traits import UNDESCRIBED
from services.contracts.money import minor_units
from services.contracts.shapes import AgreementFacts, PsaTraits
from services.contracts.vocabulary import BillOption, ChargeType, HoldReason


@dataclass(frozen=True, slots=True)
class OrganizationMapping:
    """What people decided about one organization of the marketplace."""

    is_excluded: bool = True
    company_id: str | None = None
    agreement_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChargeTypePolicy:
    """The rules of one charge type, made ready."""

    display_name: str
    start: DatePolicy | None
    end: DatePolicy | None
    bill_option: BillOption
    taxable: bool


TWO = 2
"""Decimals to which accounting exports round a unit price; of a currency with finer amounts, as many as it has."""
DETAILS = frozenset(
    {
        Placeholder.CHARGE_END,
        Placeholder.CHARGE_START,
        Placeholder.PERIOD,
        Placeholder.QUANTITY,
        Placeholder.UNIT_PRICE,
    }
)
"""What takes time to format."""
NOBODY_DECIDED = OrganizationMapping()
UNKNOWN_TYPE = ChargeTypePolicy("", None, None, BillOption.BILLABLE, taxable=True)


@dataclass(slots=True)
class RateBook:
    """What `rate` looks up.

    Args:
        products: offer → catalog item.
        billing_days: organization → billing-cycle day of its invoice contract.
        contracts: (organization, currency) → number or name of its only invoice contract, which may bear a currency.
        running: (agreement, subscription) → the newest segment of the persistent addition that exists.
        first_period: as the rules in force have it; what people billed before does not depend on a line's own rules.
        dropping: what is not passed on, likewise.
        catalog: catalog item → its price and cost.
    """

    rules: BillingRules = field(default_factory=BillingRules)
    version: int = 0
    """Of the rules."""
    psa: PsaTraits = UNDESCRIBED
    organizations: Mapping[str, OrganizationMapping] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    agreements: Iterable[AgreementFacts] = ()
    billing_days: Mapping[str, int] = field(default_factory=dict)
    contracts: Mapping[tuple[str, str | None], str] = field(default_factory=dict)
    running: Mapping[tuple[str, str], PersistentAddition] = field(default_factory=dict)
    first_period: str | None = None
    dropping: Dropping = NOTHING_DROPPED
    catalog: Mapping[str, CatalogPrice] = field(default_factory=dict)
    terms: dict[str, AgreementTerms] = field(init=False)
    policies: dict[ChargeType, ChargeTypePolicy] = field(init=False)
    needs_details: bool = field(init=False)
    """Whether the description template uses any of `DETAILS`."""
    prices: PriceBook = field(init=False)
    _of_company: dict[str, list[AgreementTerms]] = field(init=False)
    _choices: dict[tuple[str, str | None, str], AgreementChoice] = field(init=False, default_factory=dict)
    _kept: dict[tuple[str, bool], Decimals] = field(init=False, default_factory=dict)
    _keeping: dict[Decimals, "RateBook"] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.terms = {facts.agreement_id: AgreementTerms(facts, self.psa) for facts in self.agreements}
        self._of_company = defaultdict(list)
        for terms in self.terms.values():
            self._of_company[terms.facts.company_id].append(terms)
        self.policies = {charge_type: self._make_policy(charge_type) for charge_type in ChargeType}
        self.prices = PriceBook(self.rules.pricing, self.rules.overrides, self.catalog, self.version)
        self.needs_details = bool(DETAILS & placeholders_of(self.rules.description_template))

    def _make_policy(self, charge_type: ChargeType) -> ChargeTypePolicy:
        own = self.rules.of(charge_type)
        return ChargeTypePolicy(
            display_name=display_name(charge_type, own.display_name),
            start=make_policy(own.charge_start or self.rules.charge_start),
            end=make_policy(own.charge_end or self.rules.charge_end),
            bill_option=own.bill_option,
            taxable=own.taxable,
        )

    def kept_in(self, currency: str, terms: AgreementTerms | None = None) -> Decimals:
        """Decimals of prices and quantities: as many as the PSA keeps, unless a rule wants coarser prices.

        Where an agreement prorates, quantity × price must come to whole cents without rounding: the PSA bills periods
        that it catches up on together with the next one, and rounds only their sum.
        """
        prorates = terms is not None and terms.facts.is_prorated
        kept = self._kept.get((currency, prorates))
        if kept is None:
            price = self.psa.price_decimals
            if self.rules.quantities is Quantities.TWO_DECIMALS:
                price = min(price, max(TWO, minor_units(currency)))
            kept = self._kept[currency, prorates] = Decimals(price, self.psa.quantity_decimals, is_exact=prorates)
        return kept

    def keeping(self, kept: Decimals) -> "RateBook":
        """The same book for a PSA that keeps so many decimals."""
        book = self._keeping.get(kept)
        if book is None:
            changes = {"price_decimals": kept.price, "quantity_decimals": kept.quantity}
            book = self._keeping[kept] = replace(self, psa=self.psa.model_copy(update=changes))
        return book

    def policy_of(self, line: Line) -> ChargeTypePolicy:
        """The rules of its charge type, with the bill option and taxability that a person gave it instead."""
        charge_type = parse_charge_type(line.charge_type)
        policy = UNKNOWN_TYPE if charge_type is None else self.policies[charge_type]
        if line.user_bill_option is None and line.user_taxable is None:
            return policy
        return replace(
            policy,
            bill_option=line.user_bill_option or policy.bill_option,
            taxable=policy.taxable if line.user_taxable is None else line.user_taxable,
        )

    def product_of(self, line: Line) -> str | None:
        """The catalog item that a person chose for it, or that its offer is mapped to."""
        return line.user_product_id or self.products.get(line.offer_id)

    def mapping_of(self, line: Line) -> OrganizationMapping:
        return self.organizations.get(line.organization_id, NOBODY_DECIDED)

    def agreements_of(self, company_id: str) -> Sequence[AgreementTerms]:
        """Every agreement of a company, whatever its state."""
        return self._of_company.get(company_id, ())

    def billing_day_of(self, line: Line) -> int | None:
        return self.billing_days.get(line.organization_id)

    def price_terms_of(self, line: Line) -> PriceTerms:
        """How the rules price a line that is not invoiced."""
        if self.prices.is_empty:
            return AS_CHARGED
        terms = self.resolve_agreement(line).terms
        agreement_id = terms.facts.agreement_id if terms else None
        place = LinePlace(parse_charge_type(line.charge_type), line.offer_id, line.organization_id, agreement_id)
        return self.prices.find(place, line.currency, self.product_of(line))

    def contract_of(self, line: Line) -> str:
        """The customer's only contract in the line's currency; empty where there is none, or nobody knows which."""
        own, any_currency = ((line.organization_id, each) for each in (line.currency, None))
        return self.contracts.get(own) or self.contracts.get(any_currency, "")

    def resolve_agreement(self, line: Line) -> AgreementChoice:
        """The agreement of a line: its own choice, its organization's, or the company's only fitting one."""
        key = (line.organization_id, line.user_agreement_id, line.currency)
        choice = self._choices.get(key)
        if choice is None:
            choice = self._choices[key] = self._resolve(self.mapping_of(line), line)
        return choice

    def _resolve(self, mapping: OrganizationMapping, line: Line) -> AgreementChoice:
        if line.user_agreement_id:
            chosen = self.terms.get(line.user_agreement_id)
            return accept_choice(chosen, "agreement chosen for this line", line.currency, self.psa.label)
        if mapping.agreement_id:
            chosen = self.terms.get(mapping.agreement_id)
            return accept_choice(chosen, "agreement chosen for the organization", line.currency, self.psa.label)
        if mapping.company_id is None:
            return AgreementChoice(None, HoldReason.AGREEMENT_MISSING, "the organization has no company yet")
        candidates = self.agreements_of(mapping.company_id)
        return find_only_fit(candidates, line.currency, self.rules.default_agreement_type_id)
