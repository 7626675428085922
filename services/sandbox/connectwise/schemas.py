"""The fields of every kind the stand-in keeps, after the vendor's 2025.1 description.

Fields of records that are only read here are limited to what billing integrations read.
"""

from services.sandbox.connectwise.schema import Schema, make_schema

_BILLING = "Billable DoNotBill NoCharge NoDefault"
_CYCLE = (
    "Contract2Weeks Contract4Weeks ContractYear CalendarMonth CalendarQuarter CalendarWeek ContractQuarter CalendarYear"
)
_STATUS = "Active Cancelled Expired Inactive"

AGREEMENT = make_schema(
    "agreement",
    required="name type company contact",
    texts="name:100 customerPO:50 reasonCancelled:100 workOrder:20 internalNotes invoiceDescription",
    integers="expiredDays limit",
    numbers="applicationLimit",
    prices="compHourlyRate compLimitAmount billAmount prorateFirstBill",
    flags="restrictLocationFlag restrictDepartmentFlag noEndingDateFlag cancelledFlag applicationUnlimitedFlag "
    "oneTimeFlag coverAgreementTime coverAgreementProduct coverAgreementExpense coverSalesTax carryOverUnused "
    "allowOverruns expireWhenZero chargeToFirm billOneTimeFlag taxable restrictDownPayment prorateFlag "
    "invoiceProratedAdditionsFlag topComment bottomComment billableTimeInvoice billableExpenseInvoice "
    "billableProductInvoice autoInvoiceFlag",
    moments="startDate endDate dateCancelled billStartDate nextInvoiceDate",
    choices={
        "applicationUnits": "Amount Hours Incidents",
        "applicationCycle": _CYCLE,
        "employeeCompRate": "Actual Hourly",
        "employeeCompNotExceed": "Billing Amount Percent",
        "invoicingCycle": "ContractYear CalendarYear",
        "billTime": _BILLING,
        "billExpenses": _BILLING,
        "billProducts": _BILLING,
        "periodType": "Current Future Both Undefined",
        "agreementStatus": _STATUS,
    },
    references="type:agreement_types company:companies contact:contacts site:sites subContractCompany:companies "
    "subContractContact:contacts parentAgreement:agreements location:locations department:departments opportunity: "
    "sla: billingCycle:billing_cycles billingTerms:billing_terms billToCompany:companies billToContact:contacts "
    "billToSite:sites taxCode: workRole: workType: projectType: invoiceTemplate: currency:currencies "
    "companyLocation:locations shipToCompany:companies shipToContact:contacts shipToSite:sites",
    computed="agreementStatus nextInvoiceDate",
)

ADDITION = make_schema(  # additionStatus is read by two clients, and is missing from the vendor's description
    "addition",
    required="product billCustomer",
    texts="serialNumber:50 invoiceDescription:6000 description uom additionStatus",
    integers="agreementId",
    numbers="quantity lessIncluded billedQuantity sequenceNumber",
    prices="unitPrice unitCost extPrice extCost margin prorateCost proratePrice extendedProrateCost "
    "extendedProratePrice",
    flags="taxableFlag purchaseItemFlag specialOrderFlag prorateCurrentPeriodFlag",
    moments="effectiveDate cancelledDate",
    choices={"billCustomer": "Billable DoNotBill NoCharge", "agreementStatus": _STATUS},
    references="product:catalog opportunity: invoiceGrouping:",
    computed="agreementId description uom additionStatus agreementStatus billedQuantity extPrice extCost margin "
    "prorateCost proratePrice extendedProrateCost extendedProratePrice",
)

CATALOG_ITEM = make_schema(
    "catalogItem",
    required="identifier description subcategory type customerDescription",
    texts="identifier:75 description:60 customerDescription:6000 manufacturerPartNumber:50 vendorSku:50 notes "
    "integrationXRef:50 connectWiseID",
    integers="minStockLevel",
    prices="price cost recurringRevenue recurringCost calculatedPrice calculatedCost markupPercentage",
    flags="inactiveFlag serializedFlag serializedCostFlag phaseProductFlag taxableFlag dropShipFlag specialOrderFlag "
    "recurringFlag recurringOneTimeFlag calculatedPriceFlag calculatedCostFlag markupFlag autoUpdateUnitCostFlag "
    "autoUpdateUnitPriceFlag",
    choices={
        "productClass": "Agreement Bundle Inventory NonInventory Service",
        "priceAttribute": "FixedFee NotToExceed OverrideRate TimeAndMaterials",
        "recurringCycleType": "ContractYear CalendarYear",
        "billableOption": _BILLING,
    },
    references="subcategory:subcategories type:product_types unitOfMeasure:units manufacturer: vendor:companies sla: "
    "entityType: recurringBillCycle:billing_cycles category:categories agreementType:agreement_types",
    computed="calculatedPrice calculatedCost connectWiseID",
)

AGREEMENT_TYPE = make_schema(
    "agreementType",
    texts="name:50 invoiceDescription:4000 invoicePreSuffix:5 integrationXRef:50",
    integers="expiredDays limit",
    numbers="applicationLimit",
    prices="billAmount compHourlyRate compLimitAmount",
    flags="defaultFlag inactiveFlag taxableFlag prorateFlag prePaymentFlag restrictLocationFlag restrictDepartmentFlag "
    "applicationUnlimitedFlag oneTimeFlag coverAgreementTimeFlag coverAgreementProductFlag coverAgreementExpenseFlag "
    "coverSalesTaxFlag carryOverUnusedFlag allowOverrunsFlag expireWhenZero chargeToFirmFlag billOneTimeFlag "
    "restrictDownPaymentFlag topCommentFlag bottomCommentFlag billableTimeInvoiceFlag billableExpenseInvoiceFlag "
    "billableProductInvoiceFlag copyWorkRolesFlag copyWorkTypesFlag addAllWorkRoleExclusions "
    "removeAllWorkRoleExclusions addAllWorkTypeExclusions removeAllWorkTypeExclusions autoInvoiceFlag "
    "invoiceProratedAdditionsFlag",
    choices={
        "prefixSuffixOption": "Prefix Suffix",
        "applicationUnits": "Amount Hours Incidents",
        "applicationCycle": _CYCLE,
        "employeeCompRate": "Actual Hourly",
        "employeeCompNotExceed": "Billing Amount Percent",
        "invoicingCycle": "ContractYear CalendarYear",
        "billTime": _BILLING,
        "billExpenses": _BILLING,
        "billProducts": _BILLING,
    },
    references="location:locations department:departments billingCycle:billing_cycles billingTerms:billing_terms "
    "sla: workRole: workType: projectType: invoiceTemplate: emailTemplate:",
    lists="exclusionWorkRoleIds exclusionWorkTypeIds",
)

COMPANY = make_schema(
    "company",
    texts="identifier:30 name:50 addressLine1:50 addressLine2:50 city:50 state:50 zip:12 phoneNumber:30 website:255 "
    "accountNumber taxIdentifier vendorIdentifier deletedBy faxNumber:30 leadSource:50 facebookUrl twitterUrl "
    "linkedInUrl invoiceToEmailAddress invoiceCCEmailAddress resellerIdentifier mobileGuid "
    + " ".join(f"userDefinedField{number}:50" for number in range(1, 11)),
    integers="numberOfEmployees yearEstablished revenueYear",
    prices="annualRevenue",
    flags="leadFlag unsubscribeFlag deletedFlag isVendorFlag",
    moments="dateAcquired dateDeleted",
    references="status:company_statuses country: territory:locations defaultContact:contacts parentCompany:companies "
    "billToCompany:companies billingTerms:billing_terms billingSite:sites billingContact:contacts "
    "currency:currencies site:sites territoryManager:members market: sicCode: ownershipType: timeZoneSetup: calendar: "
    "taxCode: invoiceTemplate: pricingSchedule: companyEntityType: invoiceDeliveryMethod:",
    lists="types integratorTags customFields",
)

INVOICE = make_schema(
    "invoice",
    required="type company",
    texts="invoiceNumber:15 accountNumber attention:60 reference:50 customerPO:50 topComment bottomComment",
    integers="applyToId locationId departmentId",
    prices="serviceTotal expenseTotal productTotal agreementAmount subtotal total salesTax payments credits balance",
    flags="taxableFlag specialInvoiceFlag addToBatchEmailList",
    moments="date dueDate",
    choices={
        "type": "Agreement CreditMemo DownPayment Miscellaneous Progress Standard",
        "applyToType": "All Agreement Project ProjectPhase SalesOrder Ticket",
    },
    references="status:billing_statuses company:companies billToCompany:companies shipToCompany:companies "
    "billingTerms:billing_terms location:locations department:departments currency:currencies agreement:agreements "
    "billingSite:sites taxCode: invoiceTemplate:",
)

PRODUCT = make_schema(
    "product",
    required="catalogItem billableOption",
    texts="description customerDescription uom vendorSku:50",
    numbers="sequenceNumber quantity",
    prices="price cost extPrice extCost discount margin agreementAmount",
    flags="taxableFlag cancelledFlag",
    choices={"billableOption": _BILLING},
    references="catalogItem:catalog company:companies agreement:agreements invoice:invoices unitOfMeasure:units",
)

_NAMED = make_schema("record", texts="name", flags="defaultFlag inactiveFlag")

SCHEMAS: dict[str, Schema] = {
    "agreements": AGREEMENT,
    "additions": ADDITION,
    "catalog": CATALOG_ITEM,
    "agreement_types": AGREEMENT_TYPE,
    "invoices": INVOICE,
    "products": PRODUCT,
    "billing_statuses": make_schema(
        "billingStatus",
        texts="name",
        integers="sortOrder",
        flags="defaultFlag closedFlag inactiveFlag sentFlag",
        lists="",
    ),
    "companies": COMPANY,
    "contacts": make_schema(
        "contact",
        texts="firstName lastName title",
        flags="inactiveFlag defaultFlag defaultBillingFlag",
        references="company:companies site:sites",
        lists="communicationItems types customFields",
    ),
    "sites": make_schema(
        "site",
        texts="name:50 addressLine1:50 city:50 zip:12",
        flags="primaryAddressFlag inactiveFlag defaultBillingFlag",
        references="company:companies",
    ),
    "members": make_schema(
        "member",
        texts="identifier:15 firstName:30 lastName:30 name",
        flags="inactiveFlag",
        choices={"licenseClass": "A C F X"},
    ),
    "billing_cycles": make_schema(
        "billingCycle",
        texts="identifier name",
        flags="defaultFlag",
        choices={"billingOptions": "BiMonthly BiWeekly Monthly NotRecurring Quarterly SemiAnnual Weekly Yearly"},
        lists="",
    ),
    "billing_terms": make_schema("billingTerm", texts="name", integers="dueDays", flags="defaultFlag", lists=""),
    "currencies": make_schema(
        "currency",
        texts="currencyIdentifier name symbol currencyCode thousandsSeparator decimalSeparator",
        integers="numberOfDecimals",
        flags="displayIdFlag displaySymbolFlag negativeParenthesesFlag rightAlign",
        lists="",
    ),
    "subcategories": make_schema("subcategory", texts="name", flags="inactiveFlag", references="category:categories"),
    "departments": make_schema("department", texts="identifier name"),
    **dict.fromkeys("company_statuses company_types locations categories product_types units".split(), _NAMED),
}
